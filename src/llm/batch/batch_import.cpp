#include "llm/batch/batch_import.hpp"

#include <algorithm>
#include <utility>

#include "base/hash.hpp"
#include "base/log.hpp"
#include "llm/store/sqlite.hpp"

namespace persona4rec {
namespace {

constexpr std::uint64_t kLinesACommit = 1000;

bool is_key(const std::string& text) {
  const auto is_hex = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
  return text.size() == 64 && std::all_of(text.begin(), text.end(), is_hex);
}

}  // namespace

BatchImport::BatchImport(ReplyStore& store, Budget& budget, bool refresh)
    : store_(store), budget_(budget), refresh_(refresh), key_(Secret::from_environment()) {}

bool BatchImport::was_imported(const std::string& sha256) {
  Statement find(store_.database(), "SELECT 1 FROM imports WHERE sha256 = ?");
  return find.text(sha256).step();
}

void BatchImport::file(const std::filesystem::path& path, const std::string& stage) {
  const std::string sha256 = sha256_file(path);
  if (!refresh_ && was_imported(sha256)) {
    log_info("batch: " + path.string() + " was imported before");
    return;
  }
  std::uint64_t lines = 0;
  const auto finish = [&] {
    put_spend(stage);
    store_.flush();
  };
  try {
    read_batch_answers(path, [&](BatchLine&& line) {
      take(std::move(line), stage);
      if (++lines % kLinesACommit == 0) finish();  // the next lines must find these
    });
  } catch (...) {
    finish();
    throw;
  }
  finish();
  Statement(store_.database(), "INSERT OR IGNORE INTO imports VALUES (?)").text(sha256).step();
}

void BatchImport::take(BatchLine&& line, const std::string& stage) {
  if (line.verdict.kind != VerdictKind::kAnswer) {
    key_.redact(line.verdict.message);
    if (counts_.first_failure.empty()) counts_.first_failure = line.verdict.message;
    ++counts_.failures;
  } else if (!is_key(line.key)) {
    ++counts_.foreign;
  } else {
    put_answer(std::move(line), stage);
  }
}

void BatchImport::put_answer(BatchLine&& line, const std::string& stage) {
  Verdict& answer = line.verdict;
  key_.redact(answer.text);
  key_.redact(answer.refusal);
  auto before = store_.find(line.key);
  if (before && refresh_ && before->run != store_.run()) before.reset();
  const bool open = before && before->state == ReplyState::kOpen;
  if (before && before->state == ReplyState::kAccepted) {
    ++counts_.known;
    return;
  }
  Reply reply = open ? *before : Reply{};
  // What is asked again after a cut is asked with twice the tokens (AnswerBook::judge).
  reply.doubled = open && (before->doubled || before->finish_reason == "length");
  reply.attempts += 1;
  reply.state = ReplyState::kOpen;
  reply.text = std::move(answer.text);
  reply.finish_reason = std::move(answer.finish_reason);
  reply.reason = std::move(answer.refusal);
  if (answer.use) {
    reply.use = reply.use.value_or(TokenUse{}) + *answer.use;
    reply.cost_usd += budget_.cost_usd(*answer.use);
    spend_[stage].use = spend_[stage].use + *answer.use;
  }
  ++spend_[stage].requests;
  ++counts_.answers;
  store_.put({.key = std::move(line.key), .stage = stage, .label = "batch", .reply = std::move(reply)});
}

void BatchImport::put_spend(const std::string& stage) {
  const auto spend = spend_.find(stage);
  if (spend == spend_.end()) return;
  spend->second.stage = stage;
  spend->second.cost_usd = budget_.cost_usd(spend->second.use);
  store_.put(spend->second);
}

}  // namespace persona4rec
