// Fields that several row types share.
#pragma once

#include <string_view>

#include "records/row_json.hpp"

namespace persona4rec {

[[nodiscard]] Rating read_rating(const RowView& view, std::string_view field);
[[nodiscard]] Timestamp read_timestamp(const RowView& view, std::string_view field, const TimeFormat& format);

}  // namespace persona4rec
