#include "llm/batch/batch_file.hpp"

#include <limits>
#include <utility>

#include "io/jsonl_reader.hpp"

namespace persona4rec {
namespace {

namespace fs = std::filesystem;

fs::path part_path(const fs::path& first, std::size_t number) {
  if (number == 1) return first;
  return first.parent_path() / (first.stem().string() + "." + std::to_string(number) + first.extension().string());
}

std::string line_of(const std::string& key, const std::string& body) {
  return R"({"custom_id":")" + key + R"(","method":"POST","url":"/v1/chat/completions","body":)" + body + "}\n";
}

Verdict unanswered(std::string message) {
  Verdict verdict;
  verdict.kind = VerdictKind::kTryAgain;
  verdict.message = std::move(message);
  return verdict;
}

// What a line says besides its custom_id. vLLM has written bodies with and without an envelope.
void read_response(const RowView& row, BatchLine& line) {
  const Json error = row.json("error");
  const Json response = row.json("response");
  if (!error.is_null() || !response.is_object()) {
    line.verdict = unanswered(error.is_null() ? "no response" : read_error(error).message);
    return;
  }
  const bool enveloped = response.contains("body");
  const Json& body = enveloped ? response["body"] : response;
  const Json status = response.value("status_code", Json(200));
  line.verdict = judge_chat(status.is_number_integer() ? status.get<int>() : 0, body);
}

}  // namespace

BatchWriter::BatchWriter(fs::path first, BatchLimits limits) : first_(std::move(first)), limits_(limits) {
  begin_part();
}

void BatchWriter::begin_part() {
  parts_.push_back({.path = part_path(first_, parts_.size() + 1)});
  files_.emplace_back(parts_.back().path);
  bytes_ = 0;
}

bool BatchWriter::is_full(const std::string& body) const {
  constexpr std::uint64_t kEnvelope = 160;  // a little more than line_of() adds
  return parts_.back().requests >= limits_.requests ||
         (parts_.back().requests > 0 && bytes_ + body.size() + kEnvelope > limits_.bytes);
}

void BatchWriter::add(const std::string& key, const std::string& body) {
  if (is_full(body)) begin_part();
  const std::string line = line_of(key, body);
  files_.back().write(line);
  bytes_ += line.size();
  ++parts_.back().requests;
}

std::vector<BatchWriter::Part> BatchWriter::commit() {
  for (auto& file : files_) file.commit();
  std::error_code ignored;
  for (std::size_t stale = parts_.size() + 1; fs::remove(part_path(first_, stale), ignored); ++stale) continue;
  return std::move(parts_);
}

void read_batch_answers(const fs::path& path, const std::function<void(BatchLine&&)>& take) {
  JsonlReader reader(path, {.max_bad_rows = std::numeric_limits<std::uint64_t>::max(), .allow_empty_file = true});
  while (reader.next([&](const RowView& row) {
    BatchLine line;
    line.key = row.string("custom_id");
    read_response(row, line);
    take(std::move(line));
  })) {
  }
  const BatchLine unreadable{.key = {}, .verdict = unanswered("an unreadable line")};
  for (std::uint64_t bad = 0; bad < reader.bad_rows(); ++bad) take(BatchLine(unreadable));
}

}  // namespace persona4rec
