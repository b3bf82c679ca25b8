// Ground truth that is no row of ours: TREC qrels, CSV and TSV rows, {user: {item: relevance}}.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "io/line_source.hpp"
#include "io/lists/list_shape.hpp"
#include "persona4rec/ids.hpp"

namespace persona4rec {

using TakeRelevance = std::function<void(const UserId& user, const ItemId& item, bool relevant)>;

struct TruthFile {
  std::uint64_t bad_rows = 0;  // skipped
  std::string sha256;          // hex, of the decompressed bytes
};

// Calls `take` for each row. What has no relevance is relevant, else what has more than 0. Throws Error kInput with
// file:line. Memory: one row, of a map one user. REQUIRES: shape.kind is kTrec (qrels), kTable or kUserMap.
TruthFile read_truth(LineSource source, const ListShape& shape, std::uint64_t max_bad_rows, const TakeRelevance& take);

}  // namespace persona4rec
