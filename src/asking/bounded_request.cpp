#include "asking/bounded_request.hpp"

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

}  // namespace persona4rec
