#include "asking/shown_reviews.hpp"

#include <utility>

#include "asking/prompt.hpp"
#include "base/excerpt.hpp"
#include "base/hash.hpp"

namespace persona4rec {
namespace {

constexpr std::size_t kMaxReviewTitleBytes = 200;

}  // namespace

std::string review_words_text(const AspectRow& review) {
  return review.review_title.value_or("") + "\n" + review.review_text;
}

void ShownReviews::add(AspectRow&& review) {
  const auto words = excerpt(review_words_text(review), 0);
  if (words.empty()) {
    ++without_text;
    return;
  }
  const auto [first, is_new] = first_of_.emplace(sha256_hex(words), review.review_id.text());
  support[first->second].push_back(review.review_id);
  if (is_new) reviews.push_back(std::move(review));
  if (!is_new) ++repeated;
}

Json review_facts(const AspectRow& review, std::size_t max_text_bytes) {
  return {{"id", review.review_id.text()},
          {"rating", stars(review.rating)},
          {"title", excerpt(review.review_title.value_or(""), max_text_bytes == 0 ? 0 : kMaxReviewTitleBytes)},
          {"text", excerpt(review.review_text, max_text_bytes)}};
}

}  // namespace persona4rec
