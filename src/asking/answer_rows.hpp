// The answers of one artifact: both passes of a client, the file of what was set aside, the counts.
//
// Writes <artifact>.rejects.jsonl ({stage, label, reason, raw} a line) when there is something to write, and removes an
// old one when there is not. Memory: one request. Thread-safety: one object, one thread.
#pragma once

#include <filesystem>
#include <optional>

#include "io/output_file.hpp"
#include "io/provenance.hpp"
#include "persona4rec/answers.hpp"
#include "persona4rec/progress.hpp"

namespace persona4rec {

class AnswerRows {
 public:
  // REQUIRES: `client` outlives the object.
  AnswerRows(ChatClient& client, const std::filesystem::path& artifact, const AnswerOptions& options,
             ProgressFn progress);

  // First pass: every request gets its outcome. `expected`: about how many, for the client's progress; 0 = not known.
  // False when the client only looks at requests. Throws what the client throws.
  [[nodiscard]] bool ask(const RequestStream& requests, std::uint64_t expected);

  // Second pass: the answer to one request, in input order; nothing when it was set aside.
  [[nodiscard]] std::optional<Json> next(const ChatRequest& request);
  // The same where the client was asked for the outcome already.
  [[nodiscard]] std::optional<Json> take(const ChatRequest& request, ChatOutcome outcome);

  [[nodiscard]] const AnswerCounts& counts() const { return counts_; }

  // Model, options, counts and costs of this loop.
  void describe(Provenance& provenance) const;

  // Puts the rejects file in place. Throws Error kService when more than max_rejects were set aside.
  void finish();

 private:
  void set_aside(const ChatRequest& request, const ChatOutcome& outcome);

  ChatClient& client_;
  std::filesystem::path rejects_path_;
  AnswerOptions options_;
  ProgressFn progress_;
  AnswerCounts counts_;
  std::uint64_t expected_ = 0;
  std::optional<OutputFile> rejects_;
};

}  // namespace persona4rec
