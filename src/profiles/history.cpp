#include "profiles/history.hpp"

#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "base/utf8.hpp"
#include "io/rows/row_blocks.hpp"
#include "records/review_uid.hpp"

namespace persona4rec {
namespace {

struct MadeReview {
  ItemId item;
  ReviewId review;
  Rating rating;
  Timestamp time;
  Uid uid;
  Uid plain_uid;
  std::string text;
};

struct MadeUser {
  UserId user;
  std::vector<MadeReview> reviews;
};

// What is done for each review alone.
class HistoryMaker {
 public:
  HistoryMaker(const HistoryOptions& options, const ProfileText& texts)
      : read_{.time = options.time, .aspects = texts.needs_aspects()},
        uid_with_text_(options.uid_with_text),
        texts_(texts),
        empty_text_(trim(texts.options().query_prefix)) {}

  [[nodiscard]] MadeUser make(const RowView& view) const {
    auto row = read_row<HistoryRow>(view, read_);
    MadeUser made{.user = std::move(row.user_id), .reviews = {}};
    made.reviews.reserve(row.reviews.size());
    for (const auto& review : row.reviews) made.reviews.push_back(make(review));
    return made;
  }

 private:
  [[nodiscard]] MadeReview make(const HistoryReview& review) const {
    MadeReview made{.item = review.item_id,
                    .review = review.review_id.value_or(ReviewId()),
                    .rating = review.rating,
                    .time = review.timestamp,
                    .uid = uid_of(review_uid(review, uid_with_text_)),
                    .plain_uid = {},
                    .text = texts_.interaction(review)};
    if (uid_with_text_) made.plain_uid = uid_of(review_uid(review, false));
    if (trim(made.text) == empty_text_) made.text.clear();
    return made;
  }

  ReadOptions read_;
  bool uid_with_text_;
  const ProfileText& texts_;
  std::string_view empty_text_;
};

class HistoryTaker {
 public:
  explicit HistoryTaker(const HistoryOptions& options)
      : uid_with_text_(options.uid_with_text), history_{.texts = RowSpool(options.output)} {}

  void take(const MadeUser& made, const Place& place) {
    if (!seen_.insert(made.user).second) {
      throw input_error({.file = place.file, .line = place.line, .field = "user_id"},
                        "the user \"" + made.user.text() + "\" has a line already");
    }
    auto& rows = history_.rows;
    for (const auto& review : made.reviews) {
      rows.data.add(made.user, review.item, review.review, review.rating, review.time);
      rows.uid_of_interaction.push_back(review.uid);
      if (uid_with_text_) rows.plain_uid_of_interaction.push_back(review.plain_uid);
      history_.texts.append(std::string_view(review.text));
    }
  }

  History finish(RowsRead&& read, const SplitOptions& split) {
    history_.texts.finish();
    history_.bad_rows = read.bad_rows;
    history_.sha256 = std::move(read.sha256);
    history_.rows.split = decide_split(history_.rows.data, split);
    number_rows(history_.rows);
    return std::move(history_);
  }

 private:
  bool uid_with_text_;
  History history_;
  std::unordered_set<UserId> seen_;
};

}  // namespace

History read_history(const HistoryOptions& options, const ProfileText& texts) {
  const HistoryMaker maker(options, texts);
  HistoryTaker taker(options);
  RowBlocks<MadeUser> blocks(options.input, {.max_bad_rows = options.max_bad_rows, .read = {options.time}},
                             options.threads);
  auto read = blocks.read([&](const RowView& view) { return maker.make(view); },
                          [&](MadeUser&& made, const Place& place) { taker.take(made, place); });
  return taker.finish(std::move(read), options.split);
}

}  // namespace persona4rec
