// Fields that several row types share.
#pragma once

#include <string_view>

#include "records/row_json.hpp"

namespace persona4rec {

// `allow_none`: null is a rating of a dataset that has none.
[[nodiscard]] Rating read_rating(const RowView& view, std::string_view field, bool allow_none = false);
[[nodiscard]] Timestamp read_timestamp(const RowView& view, std::string_view field, const TimeFormat& format);

// "ok", "rejected", "no_text".
[[nodiscard]] std::string to_string(AspectStatus status);

}  // namespace persona4rec
