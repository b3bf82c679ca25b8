// A small cache written by hand and a fixture that reranks lists with it.
#pragma once

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "io/jsonl_reader.hpp"
#include "persona4rec/rerank.hpp"
#include "support/hand_made_cache.hpp"
#include "support/temp_dir.hpp"

namespace persona4rec::test {

// Vectors are exact in fp16, so that expectations are too.
inline HandMadeCache small_cache() {
  return {.items = {{"i1", {{0, 1.0F}}, {{"i1_P1", {1, 0}}, {"i1_P2", {0, 1}}}},
                    {"i2", {{0, 0.5F}, {1, 0.5F}}, {{"i2_P1", {0.5F, 0.5F}}}},
                    {"i3", {{2, 1.0F}}, {}},
                    {"i4", {}, {{"i4_P1", {-1, 0}}}}},
          .users = {{"u", {1, 0}, {{0, 0.5F}, {2, 0.25F}}},
                    {"dense", {0, 1}, {}},
                    {"wordy", {0, 0}, {{1, 1.0F}}},
                    {"empty", {0, 0}, {}}}};
}

// A candidate row as a line.
inline std::string list(const std::string& user, const std::vector<std::pair<std::string, double>>& results) {
  Json row = {{"user_id", user}, {"results", Json::array()}};
  for (const auto& [item, score] : results) row["results"].push_back({{"item_id", item}, {"score", score}});
  return row.dump() + "\n";
}

class RerankFixture : public ::testing::Test {
 protected:
  RerankFixture() {
    small_cache().write(dir_ / "cache");
    options_.cache = dir_ / "cache";
    options_.candidates = dir_ / "candidate.jsonl";
    options_.output = dir_ / "reranked.jsonl";
  }

  RerankReport run(const std::string& lines) {
    (void)dir_.write("candidate.jsonl", lines);
    const auto report = rerank(options_);
    rows_ = read_jsonl<RerankedRow>(options_.output);
    return report;
  }
  [[nodiscard]] std::vector<std::string> items(std::size_t row = 0) const {
    std::vector<std::string> ids;
    for (const auto& result : rows_.at(row).results) ids.push_back(result.item_id.text());
    return ids;
  }
  [[nodiscard]] const RerankedCandidate& result(const std::string& item) const {
    for (const auto& result : rows_.at(0).results) {
      if (result.item_id.text() == item) return result;
    }
    throw std::out_of_range(item);
  }

  TempDir dir_;
  RerankOptions options_;
  std::vector<RerankedRow> rows_;
};

}  // namespace persona4rec::test
