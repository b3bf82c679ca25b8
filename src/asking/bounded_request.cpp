#include "asking/bounded_request.hpp"

#include "base/excerpt.hpp"
#include "base/token_estimate.hpp"
#include "persona4rec/error.hpp"

namespace persona4rec {
namespace {

constexpr std::size_t kBytesPerToken = 3;  // a first guess when a text is cut; the estimate has the last word
constexpr std::size_t kLeastBytes = 8;

// The requests of a stage mostly share their system text: it is counted once.
std::uint64_t system_tokens(const std::string& system) {
  thread_local std::string counted;
  thread_local std::uint64_t tokens = 0;
  if (system != counted) {
    tokens = estimate_tokens(system);
    counted = system;
  }
  return tokens;
}

bool is_longer(const ChatRequest& request, std::uint64_t max_tokens) {
  const auto system = system_tokens(request.system);
  return system > max_tokens || has_more_tokens(request.user, max_tokens - system);
}

}  // namespace

std::uint64_t prompt_tokens(const ChatRequest& request) {
  return system_tokens(request.system) + estimate_tokens(request.user);
}

BoundedRequest bounded_request(std::string_view text, std::uint64_t max_tokens,
                               const std::function<ChatRequest(std::string)>& make) {
  BoundedRequest bounded{.request = make(excerpt(text, 0, Lines::kKeep))};
  if (max_tokens == 0) return bounded;
  for (std::size_t bytes = max_tokens * kBytesPerToken; is_longer(bounded.request, max_tokens); bytes -= bytes / 4) {
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
