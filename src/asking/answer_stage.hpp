// What the four stages that ask a language model do alike, once: outputs, shard, both passes, rejects, provenance.
//
//   AnswerStage stage(client, {.command = "summarize", .artifacts = {{options.output, "2_summary"}}, ...});
//   Summarizing work(options);                 // an AnswerWork<Unit>: units, their requests, their rows, its counts
//   report.written = stage.run(work);
//
// The artifacts appear together at the end; <artifact>.rejects.jsonl holds what was set aside. A client that only looks
// at the requests (an estimate, an export) ends the run after the first pass, a signal ends it at any unit; no artifact
// is touched then. An artifact without a row replaces nothing, unless it is a shard. Memory: one unit; some batches
// of them for each thread (asking/unit_pipeline.hpp) where the client answers on all processors. Thread-safety: one
// object, one thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "asking/answer_rows.hpp"
#include "asking/shard.hpp"
#include "asking/unit_pipeline.hpp"
#include "io/folder_lock.hpp"
#include "io/input_file.hpp"
#include "io/output_file.hpp"
#include "io/provenance.hpp"
#include "persona4rec/answers.hpp"
#include "persona4rec/progress.hpp"

namespace persona4rec {

class AnswerStage;

// What came back for a unit.
struct UnitAnswer {
  bool asked = false;          // false: the unit needs no answer
  std::optional<Json> answer;  // nothing: not asked, or set aside
};

// Gives the next unit; false at the end.
template <class Unit>
using UnitWalk = std::function<bool(Unit&)>;

// The units [range.begin, range.end) where each can be had by its number: `load(number)` gives one.
template <class Unit, class Load>
[[nodiscard]] UnitWalk<Unit> walk_by_number(const ShardRange& range, Load load) {
  return [next = range.begin, end = range.end, load = std::move(load)](Unit& unit) mutable {
    if (next >= end) return false;
    unit = load(next++);
    return true;
  };
}

// A stage: what it asks about each unit of its input, and the row that the answer becomes.
template <class Unit>
class AnswerWork {
 public:
  AnswerWork() = default;
  AnswerWork(const AnswerWork&) = delete;
  AnswerWork& operator=(const AnswerWork&) = delete;
  virtual ~AnswerWork() = default;

  // Units of the whole input. Called first, once.
  [[nodiscard]] virtual std::uint64_t size() = 0;
  // A new walk over the units of a shard, in output order. Two walks give the same units.
  [[nodiscard]] virtual UnitWalk<Unit> walk(const ShardRange& range) = 0;
  // Nothing where the unit needs no answer. Equal units have equal requests.
  [[nodiscard]] virtual std::optional<ChatRequest> request(Unit& unit) = 0;
  // Whether request() of the second walk may run on several threads at once, for other units, while the walk goes on
  // and rows are written. Where the client answers on all processors, the second walk and write() may run beside each
  // other, each one unit at a time.
  [[nodiscard]] virtual bool asks_at_once() const { return false; }
  // Bytes of text that such a request will have, about: how many units may be in memory goes by it.
  [[nodiscard]] virtual std::size_t weight(const Unit& unit) const {
    static_cast<void>(unit);
    return 0;
  }
  // Writes the unit's rows to `stage` and counts it.
  virtual void write(Unit& unit, const UnitAnswer& given, AnswerStage& stage) = 0;
  // The stage's own inputs, settings, options, prompts and counts, behind the last row.
  virtual void describe(Provenance& provenance) = 0;
  // Why there was no row to write, for people.
  [[nodiscard]] virtual std::string empty_reason() const { return "the input has nothing for it"; }
};

struct StageArtifact {
  std::filesystem::path path;  // of the whole; a shard has its own name
  std::string role;            // "2_summary"
};

struct AnswerStageOptions {
  std::string command;  // "summarize"
  // In the order in which they appear; the last is the one that the answers make, and names the rejects file.
  std::vector<StageArtifact> artifacts;
  AnswerOptions answers;
  bool force = false;  // mismatched inputs are warnings
  ProgressFn progress;
};

class AnswerStage {
 public:
  // Opens the artifacts, as the one writer in their folder. REQUIRES: `client` outlives the object; at least one
  // artifact. Throws Error kOutput.
  AnswerStage(ChatClient& client, AnswerStageOptions options);

  // An input that the work reads more than once: a pipe is set down in a temporary file first. Throws Error kInput.
  [[nodiscard]] InputFile repeatable(const std::filesystem::path& input) const;

  // For inputs whose mismatch should end the run before anything is asked.
  [[nodiscard]] Provenance& provenance() { return provenance_; }

  // False when the client only looked at the requests. Throws what the client and the work throw; Error kService when
  // more answers were set aside than allowed: the artifacts stand then; kInput when there was no row to write.
  template <class Unit>
  bool run(AnswerWork<Unit>& work) {
    const auto range = shard_range(options_.answers.shard, work.size());
    auto asking = work.walk(range);
    const auto requests = [&]() -> std::optional<ChatRequest> {
      for (Unit unit; asking(unit); unit = {}) {
        if (auto request = work.request(unit)) return request;
      }
      return std::nullopt;
    };
    if (!answers_.ask(requests, range.end - range.begin)) return false;
    auto writing = work.walk(range);
    if (client_.answers_at_once()) {
      write_at_once(work, writing);
    } else {
      for (Unit unit; writing(unit); unit = {}) work.write(unit, answer_to(work.request(unit)), *this);
    }
    if (is_empty()) refuse_empty(work.empty_reason());
    work.describe(provenance_);
    finish();
    return true;
  }

  // For write(): a row of one of the artifacts.
  void write_row(std::string_view role, const Json& row);
  // ... of which no more than parts are in memory: the caller writes one line, with its end.
  [[nodiscard]] OutputFile& row_in_parts(std::string_view role);

  [[nodiscard]] const AnswerCounts& counts() const { return answers_.counts(); }

 private:
  // A unit on its way through the pipeline.
  template <class Unit>
  struct Answered {
    Unit unit;
    std::optional<ChatRequest> request;
    ChatOutcome outcome;
  };

  template <class Unit>
  void write_at_once(AnswerWork<Unit>& work, const UnitWalk<Unit>& units) {
    using Item = Answered<Unit>;
    const bool asks_at_once = work.asks_at_once();
    run_in_order<Item>(
        {},
        [&](Item& item) {
          if (!units(item.unit)) return false;
          if (!asks_at_once) item.request = work.request(item.unit);
          return true;
        },
        [&](const Item& item) { return item.request ? text_bytes(item.request->facts) : work.weight(item.unit); },
        [&](Item& item) {
          if (asks_at_once) item.request = work.request(item.unit);
          if (!item.request) return;
          item.outcome = client_.outcome(*item.request);
          item.request->facts = nullptr;  // where they were made: memory goes back sooner
        },
        [&](Item& item) { work.write(item.unit, taken(item.request, std::move(item.outcome)), *this); });
  }

  struct Artifact {
    std::filesystem::path path;
    std::string role;
    OutputFile file;
    std::uint64_t rows = 0;
  };

  [[nodiscard]] UnitAnswer answer_to(const std::optional<ChatRequest>& request);
  [[nodiscard]] UnitAnswer taken(const std::optional<ChatRequest>& request, ChatOutcome outcome);
  [[nodiscard]] static std::size_t text_bytes(const Json& value);
  [[nodiscard]] bool is_empty() const;
  [[noreturn]] void refuse_empty(const std::string& reason);
  void finish();

  ChatClient& client_;
  AnswerStageOptions options_;
  std::vector<FolderLock> only_writer_;
  std::vector<Artifact> artifacts_;
  Provenance provenance_;
  AnswerRows answers_;
};

}  // namespace persona4rec
