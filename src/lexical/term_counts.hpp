// How often terms stand in documents, for millions of documents: about two bytes for each distinct term of one.
//
// A document is its terms in increasing order, each a variable-length number (7 bits a byte, lowest first, the eighth
// bit set where another byte follows): twice the distance to the term before (of the first: to 0), plus 1 where the
// term stands there more than once; then the count follows, as another such number.
// Thread-safety: const use from any thread; adding from one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace persona4rec {

// How often a term stands in a document. `term` is a number of the table that counted it.
struct TermCount {
  std::uint32_t term = 0;
  std::uint32_t count = 0;
  friend bool operator==(const TermCount&, const TermCount&) = default;
};

class TermCounts {
 public:
  // Of the next document. REQUIRES: terms strictly increasing, no count of 0.
  void append(std::span<const TermCount> counts);
  [[nodiscard]] std::size_t size() const { return documents_.size(); }
  // Puts the document's counts behind those in `out`. REQUIRES: document < size().
  void read(std::size_t document, std::vector<TermCount>& out) const;

 private:
  // Where a document begins; it ends with the next one in the block, or with the block.
  struct Document {
    std::uint32_t block = 0;
    std::uint32_t begin = 0;
  };

  // In blocks, since a single array would be held twice as it grows.
  std::vector<std::vector<std::uint8_t>> blocks_;
  std::vector<Document> documents_;
  std::vector<std::uint8_t> packed_;  // the document that is added
};

}  // namespace persona4rec
