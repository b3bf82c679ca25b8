#include "llm/http/ask_loop.hpp"

#include <algorithm>
#include <cmath>
#include <random>

#include "base/clock.hpp"
#include "base/format.hpp"
#include "base/log.hpp"
#include "base/stop.hpp"
#include "persona4rec/error.hpp"

namespace persona4rec {
namespace {

using std::chrono::milliseconds;

constexpr double kBackoffBaseS = 0.5;
constexpr double kBackoffCapS = 60;
constexpr double kLongestWaitS = 3600;       // a service that asks for more ends the run, to be resumed
constexpr std::uint64_t kMostFailures = 20;  // of one request in a healthy run: it is the request
constexpr std::uint64_t kMostRedirects = 5;
constexpr std::uint64_t kMostRefusals = 100;  // in a row: --max-tokens beyond the model's context, say
constexpr std::uint64_t kMostUncommitted = 4096;
constexpr std::size_t kPullsATick = 64;     // requests that the store knows already
constexpr double kSignalGraceS = 1.0;       // Ctrl+C ends within 2 s
constexpr double kErrorGraceS = 10.0;       // what is under way is paid for
constexpr milliseconds kLongestPause{200};  // signals are looked at this often

std::uint64_t any_seed() {
  return std::random_device{}();  // jitter must differ between machines; nothing that is written depends on it
}

}  // namespace

AskLoop::AskLoop(Asking& asking)
    : asking_(asking),
      options_(asking.options),
      throttle_(asking.options, steady_seconds()),
      backoff_(kBackoffBaseS, kBackoffCapS, any_seed()),
      progress_(asking.options.progress, asking.expected) {}

void AskLoop::run(const RequestStream& requests) {
  requests_ = &requests;
  while (fatal_ == nullptr && stop_signal() == 0) {
    try {
      send_what_may_go();
    } catch (...) {
      fatal_ = std::current_exception();  // of the stream or the store
      break;
    }
    if (is_done()) break;
    tick(pause(steady_seconds()));
  }
  drain();
  asking_.store.flush();
  forget_committed();
  report(true);
  if (fatal_) std::rethrow_exception(fatal_);
  throw_if_stopped();
}

// ---- sending

void AskLoop::send_what_may_go() {
  more_to_pull_ = false;
  while (fatal_ == nullptr) {
    const double now = steady_seconds();
    if (asking_.transport.in_flight() >= throttle_.slots(now) || now < throttle_.gate_s()) return;
    if (asking_.store.pending() > kMostUncommitted) return;
    const auto id = next_job(now);
    if (!id) return;
    Job& job = jobs_.at(*id);
    const TokenUse most = most_tokens(job);
    if (!asking_.budget.fits(most)) {
      ready_.push_front(*id);
      if (asking_.transport.in_flight() == 0)
        stop_with("the budget is used up: " + asking_.budget.describe() +
                  ". Every answer so far is kept; run the same command with a higher limit to go on");
      return;  // what is under way may turn out cheaper than was reserved for it
    }
    send(*id, job, most);
  }
}

std::optional<AskLoop::JobId> AskLoop::next_job(double now) {
  if (ready_.empty() && !waiting_.empty() && waiting_.top().first <= now) {
    ready_.push_back(waiting_.top().second);
    waiting_.pop();
  }
  if (ready_.empty()) return pull();
  const JobId id = ready_.front();
  ready_.pop_front();
  return id;
}

std::optional<AskLoop::JobId> AskLoop::pull() {
  for (std::size_t pulled = 0; pulled < kPullsATick; ++pulled) {
    if (source_ended_ || jobs_.size() >= 4 * options_.concurrency) return std::nullopt;
    auto request = (*requests_)();
    if (!request) {
      source_ended_ = true;
      return std::nullopt;
    }
    std::string key = asking_.book.key(*request);
    Standing standing;
    if (known_keys_.contains(key)) standing.settled = true;  // an equal request is on its way
    if (!standing.settled) standing = asking_.book.look_up(*request, key);
    if (standing.settled) {
      ++asking_.totals.stored;
      ++done_;
      continue;
    }
    request->facts = nullptr;  // for providers that read no prompts
    known_keys_.insert(key);
    Job job{.request = *std::move(request),
            .key = std::move(key),
            .attempt = std::move(standing.next),
            .so_far = std::move(standing.so_far)};
    jobs_.emplace(++last_id_, std::move(job));
    return last_id_;
  }
  more_to_pull_ = true;
  return std::nullopt;
}

TokenUse AskLoop::most_tokens(const Job& job) const {
  return {.prompt = most_prompt_tokens(job.request, job.attempt),
          .completion = static_cast<std::uint64_t>(job.attempt.max_tokens(job.request))};
}

void AskLoop::send(JobId id, Job& job, const TokenUse& most) {
  job.form = asking_.form;
  job.reserved = most;
  job.generation = throttle_.generation();
  job.pace_tokens = static_cast<double>(most.prompt) * tokens_per_byte_ + static_cast<double>(most.completion);
  asking_.budget.reserve(most);
  throttle_.on_sent(job.pace_tokens, steady_seconds());
  HttpRequest http;
  http.url = asking_.url;
  http.json = request_body(asking_.book.model(), job.request, job.attempt, job.form);
  http.timeout = milliseconds(std::llround(options_.timeout_s * 1e3));
  asking_.transport.start(id, std::move(http));
  ++asking_.totals.requests;
  if (job.sent++ > 0) ++asking_.totals.retries;
  StageSpend& spend = asking_.spend[job.request.stage];
  spend.row.requests += 1;
  spend.unsettled = spend.unsettled + most;
  spend_changed_ = true;
}

// ---- replies

void AskLoop::on_response(JobId id, HttpResponse&& response) {
  Job& job = jobs_.at(id);
  Verdict verdict = read_response(response, unix_seconds());
  settle(job, verdict);
  switch (verdict.kind) {
    case VerdictKind::kAnswer:
      return on_answer(id, job, verdict);
    case VerdictKind::kTryAgain:
      return on_failure(id, job, verdict);
    case VerdictKind::kRateLimited:
      return on_rate_limit(id, job, verdict);
    case VerdictKind::kRefused:
      return on_refused(id, job, verdict);
    case VerdictKind::kSetAside:
      return on_set_aside(id, verdict);
    case VerdictKind::kMoved:
      return on_moved(id, response);
    case VerdictKind::kFatal:
      return stop_with(origin_of(asking_.url) + ": " + verdict.message);
  }
}

void AskLoop::settle(Job& job, const Verdict& verdict) {
  StageSpend& spend = asking_.spend[job.request.stage];
  spend_changed_ = true;
  if (verdict.billing == Billing::kUnknown) return asking_.budget.keep(job.reserved);
  spend.unsettled = spend.unsettled - job.reserved;
  if (verdict.billing == Billing::kFree) return asking_.budget.release(job.reserved);
  const TokenUse use = *verdict.completion.use;
  asking_.budget.settle(job.reserved, use);
  throttle_.refund_tokens(job.pace_tokens - static_cast<double>(use.prompt + use.completion));
  const double per_byte = static_cast<double>(use.prompt) / static_cast<double>(job.reserved.prompt);
  tokens_per_byte_ += 0.05 * (per_byte - tokens_per_byte_);
  spend.row.use = spend.row.use + use;
  asking_.totals.use = asking_.totals.use + use;
  job.so_far.use = job.so_far.use.value_or(TokenUse{}) + use;
  job.so_far.prompt_bytes += job.reserved.prompt;
  job.so_far.cost_usd += asking_.budget.cost_usd(use);
}

void AskLoop::on_answer(JobId id, Job& job, Verdict& verdict) {
  throttle_.on_success(steady_seconds());
  refusals_in_a_row_ = 0;
  Completion& completion = verdict.completion;
  Reply& reply = job.so_far;
  reply.doubled = job.attempt.doubled;
  reply.attempts += 1;
  Judgement judgement = asking_.book.judge(job.request, completion, reply.doubled, reply.attempts);
  reply.state = judgement.state;
  reply.text = std::move(completion.text);
  reply.finish_reason = std::move(completion.finish_reason);
  reply.reason = std::move(judgement.reason);
  if (judgement.state != ReplyState::kOpen) return finish(id, Reply(reply));
  // Kept as well: after a kill the run goes on from here, and does not pay for this reply again.
  asking_.store.put({.key = job.key, .stage = job.request.stage, .label = job.request.label, .reply = reply});
  job.attempt = std::move(judgement.next);
  job.delays = 0;
  ready_.push_back(id);
}

void AskLoop::on_set_aside(JobId id, const Verdict& verdict) {
  throttle_.on_success(steady_seconds());  // the service is well
  set_aside(id, verdict.message);
  if (++refusals_in_a_row_ >= kMostRefusals)
    stop_with(origin_of(asking_.url) + ": " + std::to_string(refusals_in_a_row_) +
              " requests in a row were refused, the last with " + verdict.message);
}

void AskLoop::on_failure(JobId id, Job& job, const Verdict& verdict) {
  throttle_.on_failure(steady_seconds());
  check_outage(verdict.message);
  if (!throttle_.breaker().is_open()) {  // else it is the service, not the request
    ++job.failures;
    if (verdict.timed_out) ++job.timeouts;
    if (job.failures >= kMostFailures || job.timeouts >= options_.max_attempts)
      return set_aside(id, "no answer in " + std::to_string(job.sent) + " tries; the last: " + verdict.message);
  }
  retry_later(id, job, verdict);
}

void AskLoop::on_rate_limit(JobId id, Job& job, const Verdict& verdict) {
  throttle_.on_rate_limit(job.generation, verdict.wait_s.value_or(0), steady_seconds());
  check_outage(verdict.message);
  retry_later(id, job, verdict);
}

void AskLoop::retry_later(JobId id, Job& job, const Verdict& verdict) {
  const double demanded_s = verdict.wait_s.value_or(0);
  if (demanded_s > kLongestWaitS)
    return stop_with(origin_of(asking_.url) + ": " + verdict.message + ". The service asks to wait " +
                     duration_text(demanded_s) + ": run the same command again then");
  const double jitter_s = backoff_.next_s(job.delays++);
  // After a demanded wait the jitter only keeps requests from coming back all at once.
  waiting_.emplace(steady_seconds() + demanded_s + (demanded_s > 0 ? std::min(jitter_s, 1.0) : jitter_s), id);
}

void AskLoop::on_refused(JobId id, const Job& job, const Verdict& verdict) {
  if (job.form != asking_.form) return ready_.push_back(id);  // another request has found the form in the meantime
  const auto weaker = weaker_form(job.form, verdict.error);
  if (!weaker) {
    const bool same = first_refusal_.empty() || first_refusal_ == verdict.message;
    return stop_with(origin_of(asking_.url) + ": " + verdict.message +
                     (same ? "" : "; with a JSON schema it said " + first_refusal_));
  }
  if (weaker->format != job.form.format) {
    if (first_refusal_.empty()) first_refusal_ = verdict.message;
    log_info("the service refuses response_format " +
             std::string(job.form.format == AnswerFormat::kJsonSchema ? "json_schema" : "json_object") +
             "; asking in a simpler form, answers are checked all the same");
  }
  asking_.form = *weaker;
  ready_.push_back(id);
}

void AskLoop::on_moved(JobId id, const HttpResponse& response) {
  const std::string& target = response.redirect_url;
  if (origin_of(target) != origin_of(asking_.url))
    return stop_with("the service redirects to another host, " + origin_of(target) +
                     ", where neither key nor prompts are sent unasked. If you trust it, give it as --llm-base-url");
  if (++redirects_ > kMostRedirects) return stop_with(origin_of(asking_.url) + ": too many redirects");
  asking_.url = target;
  ready_.push_back(id);
}

void AskLoop::set_aside(JobId id, std::string reason) {
  Reply reply = jobs_.at(id).so_far;
  reply.state = ReplyState::kRejected;
  reply.reason = std::move(reason);
  finish(id, std::move(reply));
}

void AskLoop::finish(JobId id, Reply&& reply) {
  auto node = jobs_.extract(id);
  Job& job = node.mapped();
  if (reply.state == ReplyState::kRejected) ++asking_.totals.rejects;
  ++done_;
  const auto row = asking_.store.put(
      {.key = job.key, .stage = job.request.stage, .label = job.request.label, .reply = std::move(reply)});
  uncommitted_.emplace_back(row, std::move(job.key));
}

// ---- the loop

bool AskLoop::is_done() const {
  return source_ended_ && jobs_.empty();
}

milliseconds AskLoop::pause(double now) {
  if (more_to_pull_) return milliseconds(0);
  if (asking_.transport.in_flight() >= throttle_.slots(now)) return kLongestPause;
  const bool fresh = !ready_.empty() || (!source_ended_ && jobs_.size() < 4 * options_.concurrency);
  double due = fresh ? now : kNever;
  if (!waiting_.empty()) due = std::min(due, waiting_.top().first);
  due = std::max(due, throttle_.gate_s());
  const double most = std::chrono::duration<double>(kLongestPause).count();
  // A request that waits for the budget or the disk is due, and must not make the loop spin.
  const double least = fresh && throttle_.gate_s() <= now ? most / 20 : 0;
  return milliseconds(std::llround(std::ceil(std::clamp(due - now, least, most) * 1e3)));
}

void AskLoop::tick(milliseconds timeout) {
  asking_.transport.wait(timeout, [this](JobId id, HttpResponse&& response) { on_response(id, std::move(response)); });
  put_spend();
  asking_.store.end_tick();
  forget_committed();
  report(false);
}

void AskLoop::forget_committed() {
  const auto committed = asking_.store.committed();
  while (!uncommitted_.empty() && uncommitted_.front().first <= committed) {
    known_keys_.erase(uncommitted_.front().second);
    uncommitted_.pop_front();
  }
}

void AskLoop::report(bool last) {
  progress_.update(done_ - uncommitted_.size(), asking_.totals, steady_seconds(), last);
}

void AskLoop::put_spend() {
  if (!spend_changed_) return;
  spend_changed_ = false;
  const Budget& budget = asking_.budget;
  asking_.totals.cost_usd = budget.cost_usd(asking_.totals.use);
  asking_.totals.unsettled_usd = budget.cost_usd(budget.kept() + budget.reserved());
  for (auto& [stage, spend] : asking_.spend) {
    spend.row.stage = stage;
    spend.row.cost_usd = budget.cost_usd(spend.row.use);
    spend.row.unsettled_usd = budget.cost_usd(spend.unsettled);
    asking_.store.put(spend.row);
  }
}

void AskLoop::drain() {
  const double started = steady_seconds();
  const auto grace_s = [] { return stop_signal() != 0 ? kSignalGraceS : kErrorGraceS; };
  while (asking_.transport.in_flight() > 0 && steady_seconds() - started < grace_s()) tick(milliseconds(50));
  abandon_what_is_left();
  put_spend();
}

void AskLoop::abandon_what_is_left() {
  for (auto& [id, job] : jobs_) {
    if (!asking_.transport.cancel(id)) continue;
    asking_.budget.keep(job.reserved);  // it may be billed
    spend_changed_ = true;
  }
}

void AskLoop::stop_with(std::string message) {
  if (!fatal_) fatal_ = std::make_exception_ptr(Error(ErrorKind::kService, message));
}

void AskLoop::check_outage(const std::string& last_error) {
  if (!throttle_.breaker().has_given_up(steady_seconds())) return;
  const auto tries = std::to_string(throttle_.breaker().failures());
  stop_with(origin_of(asking_.url) + ": " +
            (throttle_.breaker().ever_succeeded() ? "no answer for too long, " : "no answer at all, ") + tries +
            " failures in a row; the last: " + last_error +
            ". Every answer so far is kept; run the same command to go on");
}

}  // namespace persona4rec
