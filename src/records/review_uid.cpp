#include "records/review_uid.hpp"

#include "base/hash.hpp"
#include "base/utf8.hpp"
#include "records/row_json.hpp"

namespace persona4rec {

std::string review_uid(const HistoryReview& review, bool with_text) {
  std::string key = review.user_id.text() + "|" + review.item_id.text() + "|" + python_str(review.timestamp) + "|" +
                    python_str(review.rating);
  if (with_text) {
    const std::string_view text = review.review_text ? std::string_view(*review.review_text) : std::string_view();
    std::size_t end = 0;
    for (int i = 0; i < 16 && end < text.size(); ++i) next_code_point(text, end);
    key += "|" + std::string(text.substr(0, end));
  }
  return sha1_hex(key).substr(0, 16);
}

}  // namespace persona4rec
