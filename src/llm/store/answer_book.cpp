#include "llm/store/answer_book.hpp"

#include <utility>

#include "asking/reply_check.hpp"
#include "persona4rec/error.hpp"

namespace persona4rec {

AnswerBook::AnswerBook(ReplyStore& store, Options options) : store_(store), options_(std::move(options)) {}

Standing AnswerBook::look_up(const ChatRequest& request, const std::string& key) {
  auto reply = store_.find(key);
  const bool own = reply && reply->run == store_.run();
  if (!reply || (options_.refresh && !own)) return {};
  if (reply->state == ReplyState::kRejected) return own ? Standing{.settled = true} : Standing{};
  return judge_stored(request, key, *std::move(reply));
}

Standing AnswerBook::judge_stored(const ChatRequest& request, const std::string& key, Reply reply) {
  Completion completion;
  completion.text = reply.text;
  completion.finish_reason = reply.finish_reason;
  completion.refusal = reply.reason;
  const ReplyState was = reply.state;
  Judgement judgement = judge(request, completion, reply.doubled, reply.attempts);
  if (judgement.state == ReplyState::kOpen)
    return {.settled = false, .next = std::move(judgement.next), .so_far = std::move(reply)};
  if (judgement.state != was && !options_.only_look) {
    reply.state = judgement.state;
    reply.reason = judgement.reason;
    if (reply.prompt_bytes == 0) reply.prompt_bytes = most_prompt_tokens(request, Attempt{});  // it came by batch
    store_.put({.key = key, .stage = request.stage, .label = request.label, .reply = std::move(reply)});
  }
  return {.settled = true};
}

Judgement AnswerBook::judge(const ChatRequest& request, const Completion& reply, bool doubled,
                            std::uint64_t attempts) const {
  const auto set_aside = [](std::string reason) {
    return Judgement{.state = ReplyState::kRejected, .reason = std::move(reason), .next = {}};
  };
  if (!reply.refusal.empty()) return set_aside("the model refused: " + reply.refusal);
  if (reply.finish_reason == "content_filter") return set_aside("content_filter: the service filtered the answer");
  Judgement judgement;
  judgement.next.doubled = doubled;
  if (reply.finish_reason == "length") {
    const Attempt asked{.doubled = doubled, .failed_reply = {}, .problem = {}};
    const std::string problem = "it was cut off at " + std::to_string(asked.max_tokens(request)) + " tokens";
    if (attempts >= options_.max_attempts) return set_aside("length: " + problem);
    judgement.next.doubled = true;
    if (doubled) judgement.next.problem = problem + "; be much briefer";
    return judgement;
  }
  judgement.next.problem = check_reply(reply.text, request).problem;
  if (judgement.next.problem.empty()) {
    judgement.state = ReplyState::kAccepted;
  } else if (attempts >= options_.max_attempts) {
    return set_aside(judgement.next.problem);
  } else {
    judgement.next.failed_reply = reply.text;
  }
  return judgement;
}

ChatOutcome AnswerBook::outcome(const ChatRequest& request) {
  const auto reply = store_.find(key(request));
  if (!reply || reply->state == ReplyState::kOpen) throw internal_error(request.label + ": asked for, never answered");
  ChatOutcome outcome;
  if (reply->use) outcome.use = *reply->use;
  if (reply->state == ReplyState::kRejected) {
    outcome.status = ChatStatus::kRejected;
    outcome.reason = reply->reason;
    outcome.raw = reply->text;
    return outcome;
  }
  CheckedReply checked = check_reply(reply->text, request);
  if (!checked.problem.empty()) throw internal_error(request.label + ": the stored answer fails: " + checked.problem);
  outcome.answer = std::move(checked.answer);
  return outcome;
}

}  // namespace persona4rec
