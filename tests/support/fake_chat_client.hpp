// A language model for tests: answers come from a function, and what was asked can be looked at.
#pragma once

#include <functional>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "persona4rec/chat_client.hpp"
#include "persona4rec/error.hpp"

namespace persona4rec::test {

// An outcome that passes: `answer`.
inline ChatOutcome answered(Json answer) {
  return {.status = ChatStatus::kOk, .answer = std::move(answer), .reason = {}, .raw = {}, .use = {}};
}
// An outcome that was set aside.
inline ChatOutcome set_aside(std::string reason, std::string raw = "no JSON") {
  return {.status = ChatStatus::kRejected, .answer = {}, .reason = std::move(reason), .raw = std::move(raw), .use = {}};
}

class FakeChatClient final : public ChatClient {
 public:
  using Respond = std::function<ChatOutcome(const ChatRequest&)>;

  explicit FakeChatClient(Respond respond) : respond_(std::move(respond)) {}

  bool reads = true;                              // as ChatClient::reads_prompts()
  std::function<bool(const ChatRequest&)> knows;  // as ChatClient::has_answer(); none = a client without a store
  bool at_once = false;                           // as ChatClient::answers_at_once()
  bool only_looks = false;                        // like an estimate: there are no outcomes
  std::uint64_t expected = 0;                     // what the stage announced
  std::vector<ChatRequest> requests;              // what ask() saw, in order

  [[nodiscard]] std::string model() const override { return "fake"; }
  [[nodiscard]] bool reads_prompts() const override { return reads; }
  [[nodiscard]] bool has_answer(const ChatRequest& request) override { return knows && knows(request); }
  void expect(std::uint64_t count) override { expected = count; }
  void ask(const RequestStream& stream) override {
    while (auto request = stream()) {
      asked_.insert(key_of(*request));
      requests.push_back(*std::move(request));
    }
  }
  [[nodiscard]] bool answers_at_once() const override { return at_once; }
  [[nodiscard]] bool has_outcomes() const override { return !only_looks; }

  // The function's answer after the request's own check. Throws Error kInternal for what ask() has not seen.
  [[nodiscard]] ChatOutcome outcome(const ChatRequest& request) override {
    if (!asked_.contains(key_of(request))) throw internal_error("no such request was asked: " + request.label);
    auto outcome = respond_(request);
    if (outcome.status != ChatStatus::kOk || !request.check) return outcome;
    const auto problem = request.check(outcome.answer);
    return problem.empty() ? outcome : set_aside(problem, outcome.answer.dump());
  }
  [[nodiscard]] ChatTotals totals() const override { return {.requests = requests.size()}; }

  // The request with this label. Throws std::out_of_range when there is none.
  [[nodiscard]] const ChatRequest& labelled(const std::string& label) const {
    for (const auto& request : requests) {
      if (request.label == label) return request;
    }
    throw std::out_of_range(label);
  }

 private:
  static std::string key_of(const ChatRequest& request) {
    return request.stage + "\n" + request.system + "\n" + request.user + "\n" + request.schema->dump();
  }
  Respond respond_;
  std::set<std::string> asked_;
};

}  // namespace persona4rec::test
