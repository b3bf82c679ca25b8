#include "asking/answer_stage.hpp"

#include <algorithm>

#include "io/output_target.hpp"
#include "persona4rec/error.hpp"

namespace persona4rec {

AnswerStage::AnswerStage(ChatClient& client, AnswerStageOptions options)
    : client_(client),
      options_(std::move(options)),
      provenance_(options_.command, options_.force),
      answers_(client, shard_path(options_.artifacts.back().path, options_.answers.shard), options_.answers,
               options_.progress) {
  std::vector<std::filesystem::path> paths;
  paths.reserve(options_.artifacts.size());
  for (const auto& artifact : options_.artifacts) {
    paths.push_back(shard_path(artifact.path, options_.answers.shard));
  }
  // Who only looks at the requests writes nothing, and may look while another run writes.
  if (client.has_outcomes()) only_writer_ = FolderLock::only_writer_of(paths);
  for (std::size_t i = 0; i < paths.size(); ++i) {
    artifacts_.push_back({.path = paths[i], .role = options_.artifacts[i].role, .file = OutputFile(paths[i])});
  }
}

InputFile AnswerStage::repeatable(const std::filesystem::path& input) const {
  return InputFile::repeatable(input, scratch_folder(artifacts_.back().path));
}

UnitAnswer AnswerStage::answer_to(const std::optional<ChatRequest>& request) {
  if (!request) return {};
  return {.asked = true, .answer = answers_.next(*request)};
}

UnitAnswer AnswerStage::taken(const std::optional<ChatRequest>& request, ChatOutcome outcome) {
  if (!request) return {};
  return {.asked = true, .answer = answers_.take(*request, std::move(outcome))};
}

std::size_t AnswerStage::text_bytes(const Json& value) {
  if (value.is_string()) return value.get_ref<const std::string&>().size();
  std::size_t bytes = 0;
  for (const auto& member : value) bytes += member.is_primitive() && !member.is_string() ? 0 : text_bytes(member);
  return bytes;
}

void AnswerStage::write_row(std::string_view role, const Json& row) {
  row_in_parts(role).write_row(row);
}

OutputFile& AnswerStage::row_in_parts(std::string_view role) {
  const auto artifact = std::ranges::find(artifacts_, role, &Artifact::role);
  if (artifact == artifacts_.end()) throw internal_error("the stage writes no artifact " + std::string(role));
  ++artifact->rows;
  return artifact->file;
}

bool AnswerStage::is_empty() const {
  return artifacts_.back().rows == 0 && options_.answers.shard.whole();
}

void AnswerStage::refuse_empty(const std::string& reason) {
  answers_.finish();
  throw input_error({.file = artifacts_.back().path.string()}, "would have no row and is left as it was: " + reason);
}

void AnswerStage::finish() {
  answers_.describe(provenance_);
  for (auto& artifact : artifacts_) {
    provenance_.write(artifact.path, artifact.role, artifact.file.commit(), artifact.rows);
  }
  answers_.finish();  // last: the artifacts stand even when too many answers were set aside
}

}  // namespace persona4rec
