#include "llm/batch/batch_import.hpp"

#include <algorithm>
#include <utility>

#include "base/hash.hpp"
#include "base/log.hpp"
#include "llm/store/answer_book.hpp"
#include "llm/store/sqlite.hpp"

namespace persona4rec {
namespace {

constexpr std::uint64_t kLinesACommit = 1000;

bool is_key(const std::string& text) {
  const auto is_hex = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
  return text.size() == 64 && std::all_of(text.begin(), text.end(), is_hex);
}

}  // namespace

BatchImport::BatchImport(ReplyStore& store, std::uint64_t max_attempts, bool refresh)
    : store_(store), max_attempts_(max_attempts), refresh_(refresh), key_(Secret::from_environment()) {}

bool BatchImport::was_imported(const std::string& name) {
  Statement find(store_.database(), "SELECT 1 FROM imports WHERE sha256 = ?");
  return find.text(name).step();
}

void BatchImport::file(const std::filesystem::path& path, const BatchOrigin& origin) {
  // Two batches that fail alike may say so in the same bytes.
  const std::string name = sha256_file(path) + (origin.batch.empty() ? "" : ":" + origin.batch);
  if (!refresh_ && was_imported(name)) {
    log_info("batch: " + path.string() + " was imported before");
    return;
  }
  weaker_.reset();
  form_works_ = false;
  std::uint64_t lines = 0;
  const auto finish = [&] {
    put_spend(origin);
    store_.flush();
  };
  try {
    read_batch_answers(path, [&](BatchLine&& line) {
      take(std::move(line), origin);
      if (++lines % kLinesACommit == 0) finish();  // the next lines must find these
    });
  } catch (...) {
    finish();
    throw;
  }
  finish();
  if (weaker_ && !form_works_) BatchLedger(store_.database()).learn(origin.model, *weaker_);
  Statement(store_.database(), "INSERT OR IGNORE INTO imports VALUES (?)").text(name).step();
}

void BatchImport::take(BatchLine&& line, const BatchOrigin& origin) {
  if (line.verdict.kind != VerdictKind::kAnswer) {
    take_failure(std::move(line), origin);
  } else if (!is_key(line.key)) {
    ++counts_.foreign;
  } else {
    form_works_ = true;
    put_answer(std::move(line), origin);
  }
}

void BatchImport::take_failure(BatchLine&& line, const BatchOrigin& origin) {
  Verdict& verdict = line.verdict;
  key_.redact(verdict.message);
  if (counts_.first_failure.empty()) counts_.first_failure = verdict.message;
  ++counts_.failures;
  const bool refused = verdict.kind == VerdictKind::kRefused || verdict.kind == VerdictKind::kForbidden;
  if (verdict.kind == VerdictKind::kRefused && !verdict.own_matter && !weaker_)
    weaker_ = weaker_form(origin.form, verdict.error);
  const bool final = verdict.kind == VerdictKind::kSetAside;
  if (!is_key(line.key) || (!final && !refused && verdict.kind != VerdictKind::kNoAnswer)) return;
  const auto known = before(line.key, origin);
  if (known && known->state == ReplyState::kAccepted) return;
  Reply reply = known && known->state == ReplyState::kOpen ? *known : Reply{};
  reply.attempts += 1;
  reply.state = final || reply.attempts >= max_attempts_ ? ReplyState::kRejected : ReplyState::kOpen;
  reply.text.clear();
  reply.finish_reason = kNoChoice;
  reply.reason = verdict.message;
  bill(reply, verdict, origin);
  store_.put({.key = std::move(line.key), .stage = origin.stage, .label = "batch", .reply = std::move(reply)});
}

// What the store knows and this batch was not asked to replace.
std::optional<Reply> BatchImport::before(const std::string& key, const BatchOrigin& origin) {
  auto known = store_.find(key);
  if (!known || known->run == store_.run()) return known;
  const bool asked_again = refresh_ || (known->state != ReplyState::kOpen && known->finished_ms <= origin.submitted_ms);
  return asked_again ? std::nullopt : known;
}

void BatchImport::put_answer(BatchLine&& line, const BatchOrigin& origin) {
  Verdict& answer = line.verdict;
  key_.redact(answer.text);
  key_.redact(answer.refusal);
  const auto known = before(line.key, origin);
  if (known && known->state == ReplyState::kAccepted) {
    ++counts_.known;
    return;
  }
  const bool open = known && known->state == ReplyState::kOpen;
  Reply reply = open ? *known : Reply{};
  // What is asked again after a cut is asked with twice the tokens (AnswerBook::judge).
  reply.doubled = open && (known->doubled || known->finish_reason == "length");
  reply.attempts += 1;
  reply.state = ReplyState::kOpen;
  reply.text = std::move(answer.text);
  reply.finish_reason = std::move(answer.finish_reason);
  reply.reason = std::move(answer.refusal);
  bill(reply, answer, origin);
  ++counts_.answers;
  store_.put({.key = std::move(line.key), .stage = origin.stage, .label = "batch", .reply = std::move(reply)});
}

void BatchImport::bill(Reply& reply, const Verdict& verdict, const BatchOrigin& origin) {
  Spend& spend = spend_[{origin.model, origin.stage}];
  ++spend.requests;
  if (!verdict.use) return;
  const double cost_usd = cost_of(origin.price, *verdict.use);
  reply.use = reply.use.value_or(TokenUse{}) + *verdict.use;
  reply.cost_usd += cost_usd;
  spend.use = spend.use + *verdict.use;
}

void BatchImport::put_spend(const BatchOrigin& origin) {
  const auto found = spend_.find({origin.model, origin.stage});
  if (found == spend_.end()) return;
  Spend& spend = found->second;
  spend.stage = origin.stage;
  spend.cost_usd = cost_of(origin.price, spend.use);
  store_.put(spend);
}

}  // namespace persona4rec
