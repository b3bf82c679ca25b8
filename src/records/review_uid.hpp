// The published uid of an interaction: sha1("user|item|timestamp|rating")[:16] with Python's str() of the values.
// Yelp's cache builder adds |text[:16]; (code points, of the raw file's text).
#pragma once

#include <string>
#include <string_view>

#include "persona4rec/records.hpp"

namespace persona4rec {

inline constexpr std::size_t kUidDigits = 16;  // hexadecimal

// What a uid with text takes of it: the first 16 code points.
[[nodiscard]] std::string_view uid_start(std::string_view text);

[[nodiscard]] std::string review_uid(const HistoryReview& review, bool with_text);

}  // namespace persona4rec
