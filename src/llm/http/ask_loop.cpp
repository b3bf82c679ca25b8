#include "llm/http/ask_loop.hpp"

#include <algorithm>
#include <cmath>

#include "base/clock.hpp"
#include "base/format.hpp"
#include "base/stop.hpp"
#include "base/utf8.hpp"
#include "persona4rec/error.hpp"

namespace persona4rec {
namespace {

using std::chrono::milliseconds;

constexpr std::uint64_t kMostFailures = 8;        // of one request: it is the request
constexpr std::size_t kOutageWithoutAnswer = 20;  // different requests in a row whose replies had no answer
constexpr std::uint64_t kMostRefusals = 100;      // in a row: --max-tokens beyond the model's context, say
constexpr std::uint64_t kMostUncommitted = 4096;
constexpr std::size_t kMostProbes = 32;     // with new requests; of an outage of five minutes there are fewer
constexpr std::size_t kPullsATick = 64;     // requests that the store knows already
constexpr double kSignalGraceS = 1.0;       // Ctrl+C ends within 2 s
constexpr double kErrorGraceS = 10.0;       // what is under way is paid for
constexpr milliseconds kLongestPause{200};  // signals are looked at this often

}  // namespace

AskLoop::AskLoop(const LlmOptions& options, ReplyStore& store, AnswerBook& book, ChatService& service, Account& account)
    : options_(options),
      store_(store),
      book_(book),
      service_(service),
      account_(account),
      throttle_(options, steady_seconds()),
      progress_(options.progress) {}

void AskLoop::run(const RequestStream& requests, std::uint64_t expected) {
  requests_ = &requests;
  progress_.expect(expected);
  while (fatal_ == nullptr && stop_signal() == 0) {
    try {
      send_what_may_go();
    } catch (...) {
      fatal_ = std::current_exception();  // of the stream or the store
      break;
    }
    if (source_ended_ && held_.size() > 0 && jobs_.size() == held_.size()) settle_the_rest();
    if (is_done() || fatal_ != nullptr) break;
    tick(pause(steady_seconds()));
  }
  drain();
  store_.flush();
  keys_.forget_up_to(store_.committed());
  report(true);
  if (fatal_) std::rethrow_exception(fatal_);
  throw_if_stopped();
}

// ---- sending

void AskLoop::send_what_may_go() {
  more_to_pull_ = false;
  while (fatal_ == nullptr) {
    const double now = steady_seconds();
    if (service_.transport().in_flight() >= throttle_.slots(now) || now < throttle_.gate_s()) return;
    if (store_.pending() > kMostUncommitted) return;
    // In an outage a new request tells more than those that have failed: perhaps it was them.
    auto id = throttle_.breaker().is_open() ? pull() : std::nullopt;
    if (!id) id = jobs_.take(now);
    if (!id) id = pull();
    if (!id) return;
    Job& job = jobs_.at(*id);
    const TokenUse most = most_tokens(job.request, job.standing.next);
    if (!account_.budget().fits(most)) {
      jobs_.make_ready_first(*id);
      if (service_.transport().in_flight() == 0)
        stop_with(BudgetError("the budget is used up: " + account_.budget().describe() +
                              ". Every answer so far is kept; run the same command with a higher limit to go on"));
      return;  // what is under way may turn out cheaper than was reserved for it
    }
    send(*id, job, most);
  }
}

std::optional<JobId> AskLoop::pull() {
  for (std::size_t pulled = 0; pulled < kPullsATick; ++pulled) {
    if (!may_pull()) return std::nullopt;
    auto request = (*requests_)();
    if (!request) {
      source_ended_ = true;
      return std::nullopt;
    }
    std::string key = book_.key(*request);
    Standing standing;
    const bool under_way = keys_.contains(key);  // an equal request
    if (!under_way) standing = book_.look_up(*request, key);
    if (under_way || standing.is_settled()) {
      account_.count_stored();
      ++done_;
      continue;
    }
    if (last_stage_ != request->stage) meet_stage(request->stage);
    request->facts = nullptr;  // for providers that read no prompts
    keys_.add(key);
    return jobs_.add({.request = *std::move(request), .key = std::move(key), .standing = std::move(standing)});
  }
  more_to_pull_ = true;
  return std::nullopt;
}

bool AskLoop::may_pull() const {
  const std::size_t probes = throttle_.breaker().is_open() ? kMostProbes : 0;
  return !source_ended_ && jobs_.size() - held_.size() < 4 * options_.concurrency + probes;
}

void AskLoop::meet_stage(const std::string& stage) {
  last_stage_ = stage;
  answered_before_ = store_.has_answers(stage, book_.model());
  if (answered_before_) throttle_.on_known_service();
}

void AskLoop::send(JobId id, Job& job, const TokenUse& most) {
  job.reserved = most;
  job.generation = throttle_.generation();
  job.pace_tokens = static_cast<double>(most.prompt) * tokens_per_byte_ + static_cast<double>(most.completion);
  account_.sent(job.request.stage, most, job.sent++ > 0);
  throttle_.on_sent(job.pace_tokens, steady_seconds());
  service_.start(id, job);
}

// ---- replies

void AskLoop::on_response(JobId id, HttpResponse&& response) {
  Job& job = jobs_.at(id);
  Verdict verdict = judge_chat(response, unix_seconds());
  settle(job, verdict);
  switch (verdict.kind) {
    case VerdictKind::kAnswer:
      return on_answer(id, job, verdict);
    case VerdictKind::kNoAnswer:
      return on_no_answer(id, job, verdict);
    case VerdictKind::kTryAgain:
      return on_failure(id, job, verdict);
    case VerdictKind::kRateLimited:
      return on_rate_limit(id, job, verdict);
    case VerdictKind::kRefused:
      return on_refused(id, job, verdict);
    case VerdictKind::kForbidden:
      return on_forbidden(id, job, verdict);
    case VerdictKind::kSetAside:
      return on_set_aside(id, verdict);
    case VerdictKind::kMoved:
      return on_moved(id, job, response);
    case VerdictKind::kFatal:
      return stop_with(service_.origin() + ": " + verdict.message);
  }
}

void AskLoop::settle(Job& job, const Verdict& verdict) {
  const std::string& stage = job.request.stage;
  if (verdict.billing == Billing::kUnknown) return account_.perhaps_billed(job.reserved);
  if (verdict.billing == Billing::kFree) return account_.free(stage, job.reserved);
  const TokenUse use = *verdict.use;
  account_.billed(stage, job.reserved, use);
  throttle_.refund_tokens(job.pace_tokens - static_cast<double>(use.prompt + use.completion));
  const double per_byte = static_cast<double>(use.prompt) / static_cast<double>(job.reserved.prompt);
  tokens_per_byte_ += 0.05 * (per_byte - tokens_per_byte_);
  Reply& reply = job.standing.reply;
  reply.use = reply.use.value_or(TokenUse{}) + use;
  reply.prompt_bytes += job.reserved.prompt;
  reply.cost_usd += account_.budget().cost_usd(use);
}

void AskLoop::on_answer(JobId id, Job& job, Verdict& verdict) {
  throttle_.on_success(steady_seconds());
  service_.on_answer(job.form);
  refusals_in_a_row_ = 0;
  without_answer_.clear();
  answered_ = true;
  Reply& reply = job.standing.reply;
  reply.doubled = job.standing.next.doubled;
  reply.attempts += 1;
  reply.text = std::move(verdict.text);
  reply.finish_reason = std::move(verdict.finish_reason);
  reply.reason = std::move(verdict.refusal);
  book_.judge(job.request, job.standing);
  if (job.standing.is_settled() && thought_only(reply)) return hold(id, HoldReason::kThought, reply.reason);
  if (!thought_only(reply)) set_aside_held();
  if (job.standing.is_settled()) return finish(id);
  store_.put(job.row());  // kept as well: after a kill the run goes on from here, and pays for this reply no more
  job.troubles = {};
  jobs_.make_ready(id);
}

void AskLoop::on_no_answer(JobId id, Job& job, const Verdict& verdict) {
  throttle_.on_reply();
  const bool another = without_answer_.insert(id).second;
  const bool outage = without_answer_.size() >= kOutageWithoutAnswer;
  if (outage && another)
    for (const JobId each : without_answer_) throttle_.on_failure(steady_seconds(), each);
  if (outage) check_outage(verdict.message);
  Reply& reply = job.standing.reply;
  reply.doubled = job.standing.next.doubled;
  reply.attempts += 1;
  reply.text.clear();
  reply.finish_reason = kNoChoice;
  reply.reason = verdict.message;
  book_.judge(job.request, job.standing);
  if (!job.standing.is_settled()) {
    store_.put(job.row());
    return retry_later(id, job, verdict);
  }
  outage ? hold(id, HoldReason::kFailed, reply.reason) : finish(id);
}

void AskLoop::on_set_aside(JobId id, const Verdict& verdict) {
  throttle_.on_success(steady_seconds());  // the service is well
  set_aside(id, verdict.message);
  if (++refusals_in_a_row_ >= kMostRefusals)
    stop_with(service_.origin() + ": " + std::to_string(refusals_in_a_row_) +
              " requests in a row were refused, the last with " + verdict.message);
}

void AskLoop::on_failure(JobId id, Job& job, const Verdict& verdict) {
  const double now = steady_seconds();
  if (verdict.not_sent) {  // that is no matter of the request
    throttle_.on_failure(now, std::nullopt);
    check_outage(verdict.message);
    return retry_later(id, job, verdict);
  }
  // A request that fails while others are answered says nothing about the service.
  others_fare_better(job) ? throttle_.on_reply() : throttle_.on_failure(now, id);
  if (source_ended_ && is_known_service())
    throttle_.on_nothing_new(now);
  else
    check_outage(verdict.message);
  job.troubles.count_failure(verdict.timed_out, now);
  const bool spent = job.troubles.failures >= kMostFailures || job.troubles.timeouts >= options_.max_attempts;
  spent ? give_up(id, job, verdict) : retry_later(id, job, verdict);
}

void AskLoop::give_up(JobId id, const Job& job, const Verdict& verdict) {
  std::string reason = "no answer in " + std::to_string(job.sent) + " tries; the last: " + verdict.message;
  others_fare_better(job) ? set_aside(id, std::move(reason)) : hold(id, HoldReason::kFailed, reason);
}

void AskLoop::on_rate_limit(JobId id, Job& job, const Verdict& verdict) {
  const double now = steady_seconds();
  throttle_.on_rate_limit(id, job.generation, verdict.wait_s.value_or(0), now);
  check_outage(verdict.message);
  job.troubles.count_rate_limit(now);
  is_limited_alone(job, now) ? give_up(id, job, verdict) : retry_later(id, job, verdict);
}

// A rate limit concerns the run, and waiting helps: of a request that nobody else competes with any more, and that is
// not answered all the same, it is a verdict (more tokens than the limit of a minute allows).
bool AskLoop::is_limited_alone(const Job& job, double now_s) const {
  const double since_s = std::max(job.troubles.limited_since_s, throttle_.breaker().last_success_s());
  return job.troubles.rate_limits >= kMostFailures && now_s - since_s > options_.max_outage_s &&
         !throttle_.breaker().is_open() && service_.transport().in_flight() == 0;
}

void AskLoop::retry_later(JobId id, Job& job, const Verdict& verdict) {
  const double demanded_s = verdict.wait_s.value_or(0);
  if (demanded_s > kLongestWaitS)
    return stop_with(service_.origin() + ": " + verdict.message + ". The service asks to wait " +
                     duration_text(demanded_s) + ": run the same command again then");
  const double jitter_s = backoff_.next_s(job.troubles.delays++);
  // After a demanded wait the jitter only keeps requests from coming back all at once.
  jobs_.wait_until(id, steady_seconds() + demanded_s + (demanded_s > 0 ? std::min(jitter_s, 1.0) : jitter_s));
}

void AskLoop::on_refused(JobId id, Job& job, const Verdict& verdict) {
  if (verdict.perhaps_done && !weaker_form(job.form, verdict.error))
    return on_failure(id, job, verdict);  // a 5xx that names a schema in vain
  switch (service_.on_refusal(job, verdict, is_known_service())) {
    case AfterRefusal::kSetAside:
      return on_set_aside(id, verdict);
    case AfterRefusal::kNoFormLeft:
      return hold(id, HoldReason::kRefused, verdict.message + service_.first_refusal(verdict.message));
    case AfterRefusal::kAskAgain:
      return jobs_.make_ready(id);
  }
}

// The run's form stays, whatever comes of it.
void AskLoop::on_forbidden(JobId id, Job& job, const Verdict& verdict) {
  const auto weaker = weaker_form(job.form, verdict.error);
  if (!weaker || job.own_form || !service_.has_won(job.form)) return hold(id, HoldReason::kForbidden, verdict.message);
  job.own_form = weaker;
  jobs_.make_ready(id);
}

void AskLoop::on_moved(JobId id, const Job& job, const HttpResponse& response) {
  const std::string why_not = service_.follow(job.url, response.redirect_url);
  if (!why_not.empty()) return stop_with(why_not);
  jobs_.make_ready(id);
}

// ---- requests that come to nothing

void AskLoop::hold(JobId id, HoldReason why, const std::string& message) {
  held_.add({.id = id, .why = why, .message = message});
  const std::string end = held_.end_of_run(is_known_service());
  if (!end.empty()) return stop_with(service_.origin() + ": " + end);
  check_rejects(held_.size(), message);
}

void AskLoop::set_aside_held() {
  for (auto& held : held_.take_all()) set_aside(held.id, std::move(held.message));
}

// Nothing else is left to ask.
void AskLoop::settle_the_rest() {
  const std::string end = held_.end_of_rest(is_known_service());
  if (!end.empty()) return stop_with(service_.origin() + ": no answer at all; " + end);
  set_aside_held();
}

void AskLoop::set_aside(JobId id, std::string reason) {
  Reply& reply = jobs_.at(id).standing.reply;
  reply.state = ReplyState::kRejected;
  reply.reason = std::move(reason);
  finish(id);
}

void AskLoop::check_rejects(std::uint64_t to_come, const std::string& last_reason) {
  const std::uint64_t rejects = account_.totals().rejects + to_come;
  if (!options_.max_rejects || rejects <= *options_.max_rejects) return;
  stop_with(with_commas(rejects) + " requests came to nothing, and --max-rejects allows " +
            with_commas(*options_.max_rejects) + ": nothing more is asked. The last reason: " +
            valid_utf8(last_reason) + ". Every answer so far is kept; the same command asks the rest");
}

void AskLoop::finish(JobId id) {
  Job job = jobs_.extract(id);
  if (job.standing.reply.state == ReplyState::kRejected) {
    account_.count_reject();
    check_rejects(0, job.standing.reply.reason);
  }
  ++done_;
  const auto row = store_.put(job.row());
  keys_.put(row, std::move(job.key));
}

// ---- the loop

milliseconds AskLoop::pause(double now) {
  if (more_to_pull_) return milliseconds(0);
  if (service_.transport().in_flight() >= throttle_.slots(now)) return kLongestPause;
  const bool fresh = jobs_.has_ready() || may_pull();
  const double due = std::max(fresh ? now : jobs_.due_s(), throttle_.gate_s());
  const double most = std::chrono::duration<double>(kLongestPause).count();
  // A request that waits for the budget or the disk is due, and must not make the loop spin.
  const double least = fresh && throttle_.gate_s() <= now ? most / 20 : 0;
  return milliseconds(std::llround(std::ceil(std::clamp(due - now, least, most) * 1e3)));
}

void AskLoop::tick(milliseconds timeout) {
  service_.transport().wait(timeout,
                            [this](JobId id, HttpResponse&& response) { on_response(id, std::move(response)); });
  account_.put_spend(store_);
  store_.end_tick();
  keys_.forget_up_to(store_.committed());
  report(false);
}

void AskLoop::report(bool last) {
  progress_.update(done_ - keys_.uncommitted(), account_.totals(), steady_seconds(), last);
}

void AskLoop::drain() {
  const double started = steady_seconds();
  const auto grace_s = [] { return stop_signal() != 0 ? kSignalGraceS : kErrorGraceS; };
  while (service_.transport().in_flight() > 0 && steady_seconds() - started < grace_s()) tick(milliseconds(50));
  jobs_.for_each([this](JobId id, Job& job) {
    if (service_.transport().cancel(id)) account_.perhaps_billed(job.reserved);
  });
  account_.put_spend(store_);
}

void AskLoop::stop_with(const std::string& message) {
  stop_with(Error(ErrorKind::kService, message));
}

void AskLoop::check_outage(const std::string& last_error) {
  const std::string outage = throttle_.breaker().describe_if_given_up(steady_seconds());
  if (!outage.empty())
    stop_with(service_.origin() + ": " + outage + "; the last: " + last_error +
              ". Every answer so far is kept; run the same command to go on");
}

}  // namespace persona4rec
