// Answers of batches into the reply store. An answer that is there already is replaced only where it was asked for
// again
// (--refresh); a new one is stored as open, to be judged when its stage asks for it. A request that the service will
// never answer is set aside, one that it refused counts as an attempt, and what a refusal says about the form that the
// model takes is remembered for the next batch.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "llm/batch/batch_file.hpp"
#include "llm/batch/batch_ledger.hpp"
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

// Where answers come from, and who pays for them.
struct BatchOrigin {
  std::string stage;
  std::string model;
  std::optional<Price> price;      // of the model by batch; nothing = not known
  ServerForm form;                 // in which the requests asked
  std::int64_t submitted_ms = -1;  // since 1970: answers that are older are replaced; -1 = none is
  std::string batch;               // its id at the service; empty = a file given by hand
};

class BatchImport {
 public:
  // REQUIRES: the store outlives the object, and a run of the origin's model has begun.
  BatchImport(ReplyStore& store, std::uint64_t max_attempts, bool refresh);

  // Everything read is committed when it returns, and also when it throws. The origin's stage is billed. A file whose
  // very bytes were imported before (from the same batch) is passed over: its answers must not count as new attempts.
  void file(const std::filesystem::path& path, const BatchOrigin& origin);

  [[nodiscard]] const BatchImportCounts& counts() const { return counts_; }

 private:
  [[nodiscard]] bool was_imported(const std::string& name);
  void take(BatchLine&& line, const BatchOrigin& origin);
  void take_failure(BatchLine&& line, const BatchOrigin& origin);
  void put_answer(BatchLine&& line, const BatchOrigin& origin);
  [[nodiscard]] std::optional<Reply> before(const std::string& key, const BatchOrigin& origin);
  void bill(Reply& reply, const Verdict& verdict, const BatchOrigin& origin);
  void put_spend(const BatchOrigin& origin);

  ReplyStore& store_;
  std::uint64_t max_attempts_;
  bool refresh_;
  Secret key_;
  BatchImportCounts counts_;
  std::map<std::pair<std::string, std::string>, Spend> spend_;  // by model and stage
  std::optional<ServerForm> weaker_;                            // that refusals ask for, in the file at hand
  bool form_works_ = false;                                     // and whether any request was answered there
};

}  // namespace persona4rec
