// A subset of an item's reviews that stands for all of them, where a prompt has no room for all
// (docs/method.md, 10.3 Reviews that stand for all).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "lexical/sparse.hpp"

namespace persona4rec {

struct SpreadPoint {
  SparseVector words;  // unit TF-IDF vector of the text; empty = no known word
  double rating = 0;
  std::int64_t time_ms = 0;
  std::uint64_t tokens = 0;  // what showing it costs
};

// Farthest-first traversal under a budget: first the point nearest to the middle, then always the affordable one whose
// nearest chosen point is farthest, by (1 - cosine) + |rating difference| / rating range + .5 |time rank difference| /
// n. So rare views and ratings come in early and repeated ones late. Returns indexes in the order of choice, [] when
// nothing is affordable. Ties: the lower index. Thread-safety: re-entrant. `terms`: every term is below it.
[[nodiscard]] std::vector<std::size_t> spread_out(std::span<const SpreadPoint> points, std::uint64_t budget,
                                                  std::size_t terms);

}  // namespace persona4rec
