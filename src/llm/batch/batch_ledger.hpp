// What was submitted as batches and is not collected yet: the tables batches and batch_requests of the reply store.
//
// A part goes prepared -> uploaded -> created -> done, each step on the disk before the next begins, so that a killed
// run neither loses a batch nor pays for one twice. Thread-safety: as the store's database.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "llm/http/chat_format.hpp"
#include "llm/store/sqlite.hpp"

namespace persona4rec {

enum class PartState : std::uint8_t { kPrepared, kUploaded, kCreated, kDone };

struct BatchPart {
  std::int64_t part = 0;
  std::string stage;
  std::string model;
  std::uint64_t requests = 0;
  std::string input_file_id;
  std::string batch_id;
  std::int64_t submitted_ms = 0;  // since 1970
};

class BatchLedger {
 public:
  // REQUIRES: `database` outlives the ledger.
  explicit BatchLedger(Database& database);

  [[nodiscard]] bool is_waiting(std::string_view key);
  // True once for each key, as long as this object lives.
  [[nodiscard]] bool is_new(std::string_view key);
  [[nodiscard]] std::int64_t next_part();

  void prepared(const BatchPart& part, const std::vector<std::string>& keys);
  void uploaded(std::int64_t part, const std::string& input_file_id);
  void created(std::int64_t part, const std::string& batch_id);
  // Its requests wait no longer: what has no answer may be submitted again. `status`: the service's, or kLost.
  void done(std::int64_t part, const std::string& status);
  static constexpr const char* kLost = "lost";  // the service has batch or file no more, or never had it

  // The form that a model takes, as refusals of earlier batches taught; else the one given.
  [[nodiscard]] ServerForm form(const std::string& model, const ServerForm& by_default);
  void learn(const std::string& model, const ServerForm& form);

  [[nodiscard]] std::vector<BatchPart> parts(PartState state);

 private:
  void set(std::int64_t part, PartState state, const char* column, const std::string& value);

  Database& database_;
  Statement is_waiting_;
  Statement remember_;
  Statement changes_;
};

}  // namespace persona4rec
