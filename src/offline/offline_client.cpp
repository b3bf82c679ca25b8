#include "offline/offline_client.hpp"

#include <utility>

#include "asking/reply_check.hpp"
#include "offline/answers.hpp"
#include "persona4rec/error.hpp"

namespace persona4rec {
namespace {

// `passes`: the answer was found to be what the request asks for.
Json answer_to(const ChatRequest& request, bool& passes) {
  if (request.stage == "extract_aspects") return offline_aspects(request.facts, *request.schema);
  if (request.stage == "summarize") return offline_summary(request.facts);
  if (request.stage == "personas") {
    static const Vocabulary kNone;
    return offline_personas(request.facts, request.words ? request.words->vocabulary : kNone,
                            offline_persona_count(request.facts), [&](const Json& answer) {
                              auto problem = check_answer(answer, request);
                              passes = problem.empty();
                              return problem;
                            });
  }
  if (request.stage == "prospective") return offline_prospective(request.facts);
  if (request.stage == "select" && request.words) return offline_selection(request.facts, *request.words);
  throw internal_error("the offline provider knows no stage \"" + request.stage + "\"");
}

}  // namespace

ChatOutcome OfflineClient::outcome(const ChatRequest& request) {
  ChatOutcome outcome;
  bool passes = false;
  outcome.answer = answer_to(request, passes);
  if (!passes) outcome.reason = check_answer(outcome.answer, request);
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
