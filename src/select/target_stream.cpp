#include "select/target_stream.hpp"

#include <utility>

#include "io/artifacts.hpp"

namespace persona4rec {

TargetSplit wanted_split(const SelectOptions& options) {
  return options.split.policy == SplitPolicy::kReference ? TargetSplit::kReference : TargetSplit::kTrain;
}

TargetStream::TargetStream(const SelectOptions& options, const TargetInputs& inputs)
    : wanted_(wanted_split(options)),
      targets_(inputs.targets,
               {.max_bad_rows = options.max_bad_rows, .allow_empty_file = true, .read = {options.time}}),
      history_(inputs.history,
               {.max_bad_rows = options.max_bad_rows, .read = {.time = options.time, .aspects = false}}) {}

bool TargetStream::next(TargetWork& work) {
  for (TargetRow target; targets_.next(target); target = {}) {
    if (target.split != wanted_) {
      ++other_targets_;
      continue;
    }
    if (target.user_id != user_->row().user_id) go_to_user(target.user_id);
    work.target = std::move(target);
    work.history = user_;
    work.earlier = earlier_than(work.target);
    ++taken_;
    return true;
  }
  return false;
}

bool TargetStream::next_history() {
  HistoryRow row;
  const bool found = history_.next(row);
  user_ = std::make_shared<UserHistory>(std::move(row));
  if (found && !seen_users_.insert(user_->row().user_id).second) {
    const Place& place = history_.place();
    throw input_error({place.file, place.line, "user_id"},
                      "the user \"" + user_->row().user_id.text() + "\" has a row already");
  }
  return found;
}

void TargetStream::go_to_user(const UserId& user) {
  while (next_history()) {
    if (user_->row().user_id == user) return;
  }
  throw input_error(targets_.place(), "the user \"" + user.text() + "\" has no line in " + history_.place().file +
                                          " behind those of the users before: " + make_text(history_.place().file));
}

bool TargetStream::is_target(const HistoryReview& review, const TargetRow& target) const {
  if (review.item_id != target.item_id || review.timestamp.ms != target.timestamp.ms) return false;
  return !review.review_id || *review.review_id == target.review_id;
}

std::vector<const HistoryReview*> TargetStream::earlier_than(const TargetRow& target) const {
  std::vector<const HistoryReview*> earlier;
  bool found = false;
  for (const auto& review : user_->row().reviews) {
    found = found || is_target(review, target);
    // The published protocol takes every other item's reviews, later ones too; everything else takes what came before.
    if (wanted_ == TargetSplit::kTrain && found) break;
    if (review.item_id != target.item_id) earlier.push_back(&review);
  }
  if (found) return earlier;
  throw input_error(targets_.place(), "the review of item \"" + target.item_id.text() +
                                          "\" is not in the history of user \"" + target.user_id.text() +
                                          "\": " + make_text(history_.place().file));
}

TargetStream::Hashes TargetStream::hashes() {
  while (next_history()) {
  }
  return {.targets = targets_.sha256(), .history = history_.sha256()};
}

}  // namespace persona4rec
