// Chat requests of bounded size.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "persona4rec/chat_client.hpp"

namespace persona4rec {

// Estimated tokens of the prompt (base/token_estimate.hpp).
[[nodiscard]] std::uint64_t prompt_tokens(const ChatRequest& request);

struct BoundedRequest {
  ChatRequest request;
  bool shortened = false;  // the text was cut
};

// make(text) with white space put right, the text cut until the prompt has at most `max_tokens`; 0 = never cut.
// Throws Error kUsage when not even a word of the text fits.
[[nodiscard]] BoundedRequest bounded_request(std::string_view text, std::uint64_t max_tokens,
                                             const std::function<ChatRequest(std::string)>& make);

}  // namespace persona4rec
