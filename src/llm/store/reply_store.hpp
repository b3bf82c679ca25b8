// The reply store: what the language model answered, safe from kill -9 and power cuts, so that nothing is paid for
// twice.
//
// A SQLite file in WAL mode with synchronous=FULL. Tables (documented for users in docs/llm.md):
//   replies         one row a request, by the SHA-256 of the original request
//   spend           what a run cost, by stage; written in the same transaction as the replies it paid for
//   runs            one row a run that asked something
//   batches, batch_requests   batches that were submitted and what is waiting in them; imports: answer files seen
//
// put() hands rows to a writer thread, which commits whatever has come since its last commit in one transaction: the
// event loop never waits for the disk. A row counts only when it is committed (committed(), find()).
// Thread-safety: one object, one thread; the writer thread is its own affair. Memory: rows not yet committed.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "persona4rec/chat_client.hpp"

namespace persona4rec {

enum class ReplyState : std::uint8_t {
  kAccepted,  // the answer was valid
  kOpen,      // not judged yet (from a batch), or judged and to be asked again
  kRejected,  // set aside
};

// A row of the store: the last reply to a request, judged, and what all replies to it cost.
struct Reply {
  ReplyState state = ReplyState::kOpen;
  std::string text;                // raw, as the model wrote it
  std::string finish_reason;       // "stop", "length", ...
  std::string reason;              // why it was set aside
  std::uint64_t attempts = 0;      // replies judged so far, this one included
  bool doubled = false;            // asked with twice the max_tokens
  std::optional<TokenUse> use;     // of all attempts; nothing = the service never said
  std::uint64_t prompt_bytes = 0;  // of all attempts
  double cost_usd = 0;             // of all attempts; NaN = no price is known
  std::int64_t run = 0;            // that wrote the row
  std::int64_t finished_ms = 0;    // when, since 1970
};

struct ReplyRow {
  std::string key;  // 64 hex digits
  std::string stage;
  std::string label;
  Reply reply;
};

// What a run has spent on one stage so far. Rows replace each other.
struct Spend {
  std::string stage;
  std::uint64_t requests = 0;
  TokenUse use;
  double cost_usd = 0;       // NaN = no price is known
  double unsettled_usd = 0;  // at most: in flight, or ended without an answer; NaN as above
};

// Tokens per byte and per answer that a stage and model have used so far: what estimates are calibrated with.
struct UsageHistory {
  std::uint64_t replies = 0;
  std::uint64_t prompt_bytes = 0;
  TokenUse use;
};

class Database;

// The 32 bytes of a key in hex.
[[nodiscard]] std::string key_bytes(std::string_view hex);

class ReplyStore {
 public:
  // Opens or creates `path`; with `temporary` a file beside it, removed with the object. Throws Error kOutput: another
  // process uses it, it is damaged, read-only, no reply store, or of a later version.
  ReplyStore(const std::filesystem::path& path, bool temporary);
  ReplyStore(const ReplyStore&) = delete;
  ReplyStore& operator=(const ReplyStore&) = delete;
  // Commits what was put; errors are lost here, so flush() first.
  ~ReplyStore();

  // Starts a run: later rows carry its number.
  void begin_run(const std::string& model);
  [[nodiscard]] std::int64_t run() const;
  // Goes on with a run that begin_run() has started.
  void resume_run(std::int64_t run);
  [[nodiscard]] bool temporary() const;

  // The committed reply.
  [[nodiscard]] std::optional<Reply> find(std::string_view key);

  // Returns the number of the row, counted from 1: committed() says when it is safe.
  std::uint64_t put(ReplyRow row);
  std::uint64_t put(Spend spend);
  // Gives what was put since the last call to the writer: one commit a tick at most. Throws the writer's error.
  void end_tick();
  // Returns when everything is committed. Throws the writer's error.
  void flush();
  // Rows up to this number are on the disk.
  [[nodiscard]] std::uint64_t committed() const;
  // Rows put but not committed yet.
  [[nodiscard]] std::uint64_t pending() const;

  [[nodiscard]] UsageHistory usage(const std::string& stage, const std::string& model);
  // Whether this model ever gave a valid answer to this stage.
  [[nodiscard]] bool has_answers(const std::string& stage, const std::string& model);
  // Everything this store ever paid; NaN = some of it without a known price.
  [[nodiscard]] double total_cost();

  // For the batch tables. REQUIRES: flush() before, and no put() until the work is done.
  [[nodiscard]] Database& database();

 private:
  class Writer;
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace persona4rec
