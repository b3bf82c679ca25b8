#include "offline/offline_client.hpp"

#include <utility>

#include "asking/reply_check.hpp"
#include "offline/answers.hpp"
#include "persona4rec/error.hpp"

namespace persona4rec {
namespace {

Json answer_to(const ChatRequest& request) {
  if (request.stage == "extract_aspects") return offline_aspects(request.facts, *request.schema);
  if (request.stage == "summarize") return offline_summary(request.facts);
  if (request.stage == "personas") {
    return offline_personas(request.facts, offline_persona_count(request.facts),
                            [&](const Json& answer) { return check_answer(answer, request); });
  }
  if (request.stage == "prospective") return offline_prospective(request.facts);
  if (request.stage == "select" && request.vectors) return offline_selection(request.facts, *request.vectors);
  throw internal_error("the offline provider knows no stage \"" + request.stage + "\"");
}

}  // namespace

ChatOutcome OfflineClient::outcome(const ChatRequest& request) {
  ChatOutcome outcome;
  outcome.answer = answer_to(request);
  outcome.reason = check_answer(outcome.answer, request);
  if (outcome.reason.empty()) return outcome;
  ++rejects_;
  outcome.status = ChatStatus::kRejected;
  outcome.raw = std::exchange(outcome.answer, Json()).dump();
  return outcome;
}

ChatTotals OfflineClient::totals() const {
  ChatTotals totals;
  totals.rejects = rejects_;
  return totals;
}

}  // namespace persona4rec
