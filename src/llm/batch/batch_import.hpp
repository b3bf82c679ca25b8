// Answers of batches into the reply store. An answer that is there already is never replaced; a new one is stored as
// open, to be judged when its stage asks for it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

#include "llm/batch/batch_file.hpp"
#include "llm/http/secret.hpp"
#include "llm/money/budget.hpp"
#include "llm/store/reply_store.hpp"

namespace persona4rec {

struct BatchImportCounts {
  std::uint64_t answers = 0;
  std::uint64_t known = 0;     // lines whose answer is in the store already
  std::uint64_t failures = 0;  // lines that carry an error instead of an answer
  std::uint64_t foreign = 0;   // lines of somebody else's batch
  std::string first_failure;
};

class BatchImport {
 public:
  // REQUIRES: store and budget outlive the object, and a run has begun.
  BatchImport(ReplyStore& store, Budget& budget, bool refresh);

  // Everything read is committed when it returns, and also when it throws. `stage` is billed. A file whose very bytes
  // were imported before is passed over: its answers must not count as new attempts.
  void file(const std::filesystem::path& path, const std::string& stage);

  [[nodiscard]] const BatchImportCounts& counts() const { return counts_; }

 private:
  [[nodiscard]] bool was_imported(const std::string& sha256);
  void take(BatchLine&& line, const std::string& stage);
  void put_answer(BatchLine&& line, const std::string& stage);
  void put_spend(const std::string& stage);

  ReplyStore& store_;
  Budget& budget_;
  bool refresh_;
  Secret key_;
  BatchImportCounts counts_;
  std::map<std::string, Spend> spend_;  // by stage
};

}  // namespace persona4rec
