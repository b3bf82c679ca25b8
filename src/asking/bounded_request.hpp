// Chat requests of bounded size, and what a stage relies on in its answers.
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>

#include "asking/prompt.hpp"
#include "persona4rec/chat_client.hpp"
#include "persona4rec/records.hpp"

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

// A rating as prompts show it: 5 rather than 5.0.
[[nodiscard]] Json stars(const Rating& rating);

// Throws Error kUsage when the prompt's answer schema lacks a field that the stage reads.
void require_answer_fields(const Prompt& prompt, std::initializer_list<const char*> fields);

}  // namespace persona4rec
