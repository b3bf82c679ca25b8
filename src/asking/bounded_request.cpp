#include "asking/bounded_request.hpp"

#include <cmath>

#include "base/excerpt.hpp"
#include "base/token_estimate.hpp"
#include "persona4rec/error.hpp"

namespace persona4rec {
namespace {

constexpr std::size_t kBytesPerToken = 3;  // a first guess when a text is cut; the estimate has the last word
constexpr std::size_t kLeastBytes = 8;

}  // namespace

std::uint64_t prompt_tokens(const ChatRequest& request) {
  return estimate_tokens(request.system) + estimate_tokens(request.user);
}

BoundedRequest bounded_request(std::string_view text, std::uint64_t max_tokens,
                               const std::function<ChatRequest(std::string)>& make) {
  BoundedRequest bounded{.request = make(excerpt(text, 0, Lines::kKeep))};
  if (max_tokens == 0) return bounded;
  for (std::size_t bytes = max_tokens * kBytesPerToken; prompt_tokens(bounded.request) > max_tokens;
       bytes -= bytes / 4) {
    if (bytes < kLeastBytes) {
      throw usage_error("--prompt-tokens " + std::to_string(max_tokens) + ": the prompt of " + bounded.request.stage +
                        " leaves no room for a text");
    }
    bounded.request = make(excerpt(text, bytes, Lines::kKeep));
    bounded.shortened = true;
  }
  return bounded;
}

Json stars(const Rating& rating) {
  const auto whole = std::round(rating.value);
  return whole == rating.value && std::abs(whole) < 1e15 ? Json(static_cast<std::int64_t>(whole)) : Json(rating.value);
}

void require_answer_fields(const Prompt& prompt, std::initializer_list<const char*> fields) {
  const Json properties = prompt.schema()->value("properties", Json::object());
  for (const auto* field : fields) {
    if (!properties.contains(field)) {
      throw usage_error(prompt.stage() + ".schema.json: the property \"" + field +
                        "\" is missing, which the stage reads");
    }
  }
}

}  // namespace persona4rec
