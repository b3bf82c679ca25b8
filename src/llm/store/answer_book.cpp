#include "llm/store/answer_book.hpp"

#include <utility>

#include "asking/reply_check.hpp"
#include "base/utf8.hpp"
#include "persona4rec/error.hpp"

namespace persona4rec {

bool thought_only(const Reply& reply) {
  return reply.finish_reason == "length" && without_reasoning(reply.text).empty();
}

AnswerBook::AnswerBook(ReplyStore& store, Options options) : store_(store), options_(std::move(options)) {}

Standing AnswerBook::look_up(const ChatRequest& request, const std::string& key) {
  auto stored = store_.find(key);
  const bool own = stored && stored->run == store_.run();
  if (!stored || (options_.refresh && !own)) return {};
  const ReplyState was = stored->state;
  if (was == ReplyState::kRejected && !own) return {};
  Standing standing{.reply = *std::move(stored), .next = {}};
  if (was == ReplyState::kRejected) return standing;
  judge(request, standing);
  Reply& reply = standing.reply;
  if (!standing.is_settled() || reply.state == was || options_.only_look) return standing;
  if (reply.prompt_bytes == 0) reply.prompt_bytes = most_prompt_tokens(request, Attempt{});  // it came by batch
  store_.put({.key = key, .stage = request.stage, .label = request.label, .reply = reply});
  return standing;
}

void AnswerBook::judge(const ChatRequest& request, Standing& standing) const {
  Reply& reply = standing.reply;
  Attempt& next = standing.next;
  const std::string refusal = std::exchange(reply.reason, {});
  next = {.doubled = reply.doubled, .failed_reply = {}, .problem = {}};
  reply.state = ReplyState::kOpen;
  const auto set_aside = [&](std::string reason) {
    reply.state = ReplyState::kRejected;
    reply.reason = std::move(reason);
  };
  const bool last = reply.attempts >= options_.max_attempts;
  if (reply.finish_reason == kNoChoice) {
    if (last) set_aside(refusal.empty() ? "the service's reply has no choices" : refusal);
    return;
  }
  if (!refusal.empty()) return set_aside("the model refused: " + refusal);
  if (reply.finish_reason.starts_with("content_filter"))
    return set_aside("content_filter: the service filtered the answer");
  if (reply.finish_reason == "length") {
    const std::string tokens = std::to_string(next.max_tokens(request)) + " tokens";
    const bool thought = thought_only(reply);
    if (thought && (last || reply.doubled))
      return set_aside("length: the model used up all " + tokens +
                       " by thinking and wrote no answer; a higher --max-tokens or a lower --reasoning-effort helps");
    if (last) return set_aside("length: it was cut off at " + tokens);
    if (reply.doubled) next.problem = "it was cut off at " + tokens + "; be much briefer";
    next.doubled = true;
    return;
  }
  std::string problem;
  if (check_reply(reply.text, request, problem)) {
    reply.state = ReplyState::kAccepted;
  } else if (last) {
    set_aside(problem);
  } else {
    next.problem = problem;
    next.failed_reply = reply.text;
  }
}

bool AnswerBook::has_answer(const ChatRequest& request) {
  const auto reply = store_.find(key(request));
  return reply && reply->state == ReplyState::kAccepted;
}

ChatOutcome AnswerBook::outcome(const ChatRequest& request) {
  const auto reply = store_.find(key(request));
  if (!reply || reply->state == ReplyState::kOpen) throw internal_error(request.label + ": asked for, never answered");
  ChatOutcome outcome;
  if (reply->use) outcome.use = *reply->use;
  if (reply->state == ReplyState::kRejected) {
    outcome.status = ChatStatus::kRejected;
    outcome.reason = valid_utf8(reply->reason);
    outcome.raw = valid_utf8(reply->text);
    return outcome;
  }
  std::string problem;
  auto answer = check_reply(reply->text, request, problem);
  if (!answer) throw internal_error(request.label + ": the stored answer fails: " + problem);
  outcome.answer = *std::move(answer);
  return outcome;
}

}  // namespace persona4rec
