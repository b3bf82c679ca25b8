// Reviews of a few users, and the lists that `candidates` makes of them.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "io/artifacts.hpp"
#include "io/jsonl_reader.hpp"
#include "persona4rec/candidates.hpp"
#include "support/rows.hpp"
#include "support/temp_dir.hpp"

namespace persona4rec::test {

inline AspectRow candidate_review(int id, const std::string& user, const std::string& item, double rating,
                                  std::int64_t ms, const std::string& text = "") {
  return {.review_id = ReviewId(std::to_string(id), true),
          .item_id = ItemId(item),
          .user_id = UserId(user),
          .rating = {.value = rating},
          .timestamp = {.ms = ms, .text = std::to_string(ms)},
          .review_title = "title",
          .review_text = text,
          .extracted_aspects = Json::object(),
          .status = AspectStatus::kOk};
}

inline std::vector<std::string> items_of(const CandidateRow& row) {
  std::vector<std::string> items;
  for (const auto& candidate : row.results) items.push_back(candidate.item_id.text());
  return items;
}

class CandidatesTest : public testing::Test {
 protected:
  // Three evaluated users, a, b and c (oldest first: history, valid target, test target), and d and e, who only train.
  CandidatesTest() {
    add("d", {"i4"});                    // row 0
    add("a", {"i0", "i1", "i2", "i3"});  // rows 1 to 4
    add("b", {"i1", "i2", "i0"});        // rows 5 to 7
    add("c", {"i3", "i0", "i1"});        // rows 8 to 10
    add("e", {"i4", "i0"});
  }

  void add(const std::string& user, const std::vector<std::string>& items) {
    std::int64_t ms = 0;
    for (const auto& item : items) {
      const auto id = static_cast<int>(reviews_.size());
      reviews_.push_back(candidate_review(id, user, item, 5, ++ms, "word" + item + " word" + user + " shared" + user));
    }
  }

  CandidatesOptions options(FirstStageMethod method, World world = World::kTest) {
    const Workspace files{dir_.path()};
    write_rows(files.aspects(), reviews_);
    return {.aspects = files.aspects(),
            .output = files.candidates(world),
            .world = world,
            .first_stage = {.method = method, .lambda = 1, .words = {.min_documents = 1, .max_document_share = 1}},
            .fit_parameters = false,
            .split = {},
            .time = {},
            .progress = {}};
  }

  // Lists by user.
  static std::map<std::string, CandidateRow> lists(const CandidatesOptions& options) {
    (void)make_candidates(options);
    std::map<std::string, CandidateRow> out;
    for (auto& row : read_jsonl<CandidateRow>(options.output)) out.emplace(row.user_id.text(), std::move(row));
    return out;
  }

  TempDir dir_;
  std::vector<AspectRow> reviews_;
};

}  // namespace persona4rec::test
