// Targets joined with their users' earlier reviews: in memory are the histories of the users whose targets are held.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "io/jsonl_reader.hpp"
#include "persona4rec/select.hpp"
#include "select/user_history.hpp"

namespace persona4rec {

struct TargetWork {
  TargetRow target;
  std::shared_ptr<const UserHistory> history;  // of the user, shared by the user's targets; without aspects
  std::vector<const HistoryReview*> earlier;   // of it, what the judgement may see, oldest first
};

// Both repeatable.
struct TargetInputs {
  InputFile targets;
  InputFile history;
};

// The split whose targets select works on.
[[nodiscard]] TargetSplit wanted_split(const SelectOptions& options);

// Reads 3.5_targets and 3.5_history side by side; both name their users in one order, as prepare writes them.
class TargetStream {
 public:
  TargetStream(const SelectOptions& options, const TargetInputs& inputs);

  // The next target that the split allows; false at the end of the targets. Throws Error kInput: the order differs, or
  // a target is not in its user's history.
  bool next(TargetWork& work);

  [[nodiscard]] std::uint64_t taken() const { return taken_; }  // targets given so far
  [[nodiscard]] std::uint64_t other_targets() const { return other_targets_; }
  [[nodiscard]] std::uint64_t bad_rows() const { return targets_.bad_rows() + history_.bad_rows(); }
  // Reads both files to their ends. REQUIRES: next() returned false.
  struct Hashes {
    std::string targets;
    std::string history;
    friend bool operator==(const Hashes&, const Hashes&) = default;
  };
  [[nodiscard]] Hashes hashes();

 private:
  // Reads the next user's history; a user may have one row. Throws Error kInput.
  bool next_history();
  void go_to_user(const UserId& user);
  [[nodiscard]] std::vector<const HistoryReview*> earlier_than(const TargetRow& target) const;
  [[nodiscard]] bool is_target(const HistoryReview& review, const TargetRow& target) const;

  TargetSplit wanted_;
  JsonlReader targets_;
  JsonlReader history_;
  std::shared_ptr<const UserHistory> user_ = std::make_shared<UserHistory>(HistoryRow());
  std::unordered_set<UserId> seen_users_;
  std::uint64_t taken_ = 0;
  std::uint64_t other_targets_ = 0;
};

}  // namespace persona4rec
