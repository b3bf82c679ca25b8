#include "records/review_uid.hpp"

#include "base/hash.hpp"
#include "base/utf8.hpp"
#include "records/row_json.hpp"

namespace persona4rec {

std::string_view uid_start(std::string_view text) {
  std::size_t end = 0;
  for (int i = 0; i < 16 && end < text.size(); ++i) next_code_point(text, end);
  return text.substr(0, end);
}

std::string review_uid(const HistoryReview& review, bool with_text) {
  std::string key = review.user_id.text() + "|" + review.item_id.text() + "|" + python_str(review.timestamp) + "|" +
                    python_str(review.rating);
  if (with_text) {
    const auto text = review.review_text.value_or("");
    key += "|" + (review.raw_start ? *review.raw_start : std::string(uid_start(text)));
  }
  return sha1_hex(key).substr(0, 16);
}

}  // namespace persona4rec
