#include "asking/answer_rows.hpp"

#include <utility>

#include "asking/shard.hpp"
#include "base/stop.hpp"
#include "io/artifacts.hpp"
#include "persona4rec/error.hpp"

namespace persona4rec {

AnswerRows::AnswerRows(ChatClient& client, const std::filesystem::path& artifact, const AnswerOptions& options,
                       ProgressFn progress)
    : client_(client), rejects_path_(rejects_path(artifact)), options_(options), progress_(std::move(progress)) {}

bool AnswerRows::ask(const RequestStream& requests, std::uint64_t expected) {
  expected_ = expected;
  client_.expect(expected);
  client_.ask([&] {
    throw_if_stopped();
    return requests();
  });
  return client_.has_outcomes();
}

std::optional<Json> AnswerRows::next(const ChatRequest& request) {
  return take(request, client_.outcome(request));
}

std::optional<Json> AnswerRows::take(const ChatRequest& request, ChatOutcome outcome) {
  throw_if_stopped();
  ++counts_.requests;
  if (progress_) progress_({.what = "answers", .done = counts_.requests, .total = expected_, .detail = {}});
  if (outcome.status == ChatStatus::kOk) {
    ++counts_.answered;
    return std::move(outcome.answer);
  }
  set_aside(request, outcome);
  return std::nullopt;
}

void AnswerRows::set_aside(const ChatRequest& request, const ChatOutcome& outcome) {
  ++counts_.rejected;
  if (!rejects_) rejects_.emplace(rejects_path_);
  rejects_->write_row(
      {{"stage", request.stage}, {"label", request.label}, {"reason", outcome.reason}, {"raw", outcome.raw}});
}

void AnswerRows::describe(Provenance& provenance) const {
  provenance.model(client_.model());
  provenance.option("temperature", options_.sampling.temperature);
  provenance.option("max_tokens", options_.sampling.max_tokens);
  if (const auto& effort = options_.sampling.reasoning_effort; !effort.empty())
    provenance.option("reasoning_effort", effort);
  if (!options_.shard.whole()) provenance.option("shard", to_string(options_.shard));
  provenance.count("requests", counts_.requests);
  provenance.count("answered", counts_.answered);
  provenance.count("rejected", counts_.rejected);
  const auto totals = client_.totals();
  provenance.run_fact("llm", {{"requests_sent", totals.requests},
                              {"from_store", totals.stored},
                              {"retries", totals.retries},
                              {"rejects", totals.rejects},
                              {"prompt_tokens", totals.use.prompt},
                              {"completion_tokens", totals.use.completion},
                              {"cost_usd", totals.cost_usd}});
}

void AnswerRows::finish() {
  if (rejects_) {
    rejects_->commit();
  } else {
    std::error_code none_there;
    std::filesystem::remove(rejects_path_, none_there);
  }
  if (counts_.rejected <= options_.max_rejects) return;
  throw Error(ErrorKind::kService, std::to_string(counts_.rejected) + " of " + std::to_string(counts_.requests) +
                                       " answers were set aside (" + std::to_string(options_.max_rejects) +
                                       " are allowed by --max-rejects); reasons: " + rejects_path_.string() +
                                       "; the same command asks just those again");
}

}  // namespace persona4rec
