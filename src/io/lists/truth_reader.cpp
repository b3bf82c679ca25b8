#include "io/lists/truth_reader.hpp"

#include <utility>

#include "io/lists/scored_rows.hpp"
#include "io/lists/trec_reader.hpp"
#include "io/lists/user_map.hpp"

namespace persona4rec {
namespace {

TruthFile read_qrels(LineSource source, std::uint64_t max_bad_rows, const TakeRelevance& take) {
  TrecReader reader(std::move(source), max_bad_rows);
  const auto take_line = [&](std::string_view line, const Place& place) {
    const auto row = parse_qrel_line(line, place);
    take(row.user_id, row.item_id, row.relevant);
  };
  while (reader.next(take_line)) {
  }
  return {.bad_rows = reader.bad_rows(), .sha256 = reader.sha256()};
}

TruthFile read_table(LineSource source, const ListShape& shape, std::uint64_t max_bad_rows, const TakeRelevance& take) {
  const auto rows = open_scored_rows(std::move(source), shape, {.max_bad_rows = max_bad_rows});
  for (ScoredRow row; rows->next(row);) take(row.user_id, row.item_id, row.score.value_or(1) > 0);
  return {.bad_rows = rows->bad_rows(), .sha256 = rows->sha256()};
}

TruthFile read_map(LineSource source, std::uint64_t max_bad_rows, const TakeRelevance& take) {
  UserMap map(std::move(source), max_bad_rows);
  for (CandidateRow row; map.next(row);) {
    for (const auto& item : row.results) take(row.user_id, item.item_id, item.score.value_or(1) > 0);
  }
  return {.bad_rows = map.bad_rows(), .sha256 = map.sha256()};
}

}  // namespace

TruthFile read_truth(LineSource source, const ListShape& shape, std::uint64_t max_bad_rows, const TakeRelevance& take) {
  if (shape.kind == ListShape::Kind::kTrec) return read_qrels(std::move(source), max_bad_rows, take);
  if (shape.kind == ListShape::Kind::kUserMap) return read_map(std::move(source), max_bad_rows, take);
  return read_table(std::move(source), shape, max_bad_rows, take);
}

}  // namespace persona4rec
