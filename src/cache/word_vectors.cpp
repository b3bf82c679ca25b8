#include "cache/word_vectors.hpp"

#include <algorithm>
#include <string>

#include "base/parallel.hpp"
#include "base/stop.hpp"
#include "cache/cache_files.hpp"
#include "io/cache_names.hpp"
#include "matching/word_profile.hpp"

namespace persona4rec {
namespace {

constexpr std::size_t kUsersAtOnce = 8192;  // made in parallel, then appended
constexpr std::size_t kUsersPerTask = 512;  // each task has a sum as wide as the vocabulary

}  // namespace

WordVectors::WordVectors(const CacheOptions& options, const InteractionRows& rows, InteractionTexts&& texts)
    : options_(options), rows_(rows), doc_of_row_(rows.rows()), item_of_doc_(rows.rows()) {
  std::vector<std::uint8_t> held_out(rows.rows());
  for (std::uint32_t doc = 0; doc < rows.rows(); ++doc) {
    const auto row = texts.row_of_doc[doc];
    doc_of_row_[row] = doc;
    item_of_doc_[doc] = rows.item[row];
    held_out[doc] = rows.item_side[row] != 0 && texts.has_text[row] != 0 ? 0 : 1;
  }
  const TermCorpus corpus = std::move(texts.corpus);
  vocabulary_ = corpus.fit(options.words, held_out);
  interactions_ = corpus.vectors(vocabulary_);
}

std::uint64_t WordVectors::make_items(const PersonaTable& personas, const SparseMatrix* persona_texts) {
  std::vector<std::vector<std::uint32_t>> texts_of(personas.items.size());
  if (persona_texts != nullptr) {
    for (std::uint32_t k = 0; k < personas.size(); ++k) texts_of[personas.item[k]].push_back(k);
  } else {
    for (std::uint32_t row = 0; row < rows_.rows(); ++row) {
      if (rows_.item_side[row] != 0) texts_of[rows_.item[row]].push_back(doc_of_row_[row]);
    }
  }
  const SparseMatrix& x = persona_texts != nullptr ? *persona_texts : interactions_;
  SparseSum sum(vocabulary_.size());
  std::uint64_t without = 0;
  for (const auto& texts : texts_of) {
    items_.append(item_words(x, texts, sum));
    without += items_.row(items_.rows() - 1).empty() ? 1 : 0;
  }
  return without;
}

void WordVectors::write_items(const std::filesystem::path& folder) const {
  write_lines(folder / cache_names::kTerms, vocabulary_.size(),
              [&](std::size_t i) { return vocabulary_.term(static_cast<std::uint32_t>(i)); });
  write_sparse_matrix(folder, cache_names::kItemMatrix, items_);
}

std::vector<SparseVector> WordVectors::user_vectors(const GroupedRows& liked,
                                                    std::span<const std::uint32_t> users) const {
  const WordTables tables{.interactions = &interactions_, .items = &items_, .item_of_row = item_of_doc_};
  std::vector<SparseVector> vectors(users.size());
  parallel_ranges(users.size(), kUsersPerTask, options_.threads, [&](std::size_t begin, std::size_t end) {
    SparseSum sum(vocabulary_.size());
    std::vector<std::uint32_t> docs;
    for (std::size_t i = begin; i < end; ++i) {
      docs.clear();
      for (const auto row : liked.of(users[i])) docs.push_back(doc_of_row_[row]);
      vectors[i] = user_words(tables, docs, options_.profile, sum);
    }
  });
  return vectors;
}

std::uint64_t WordVectors::write_users(const GroupedRows& liked, std::span<const std::uint32_t> users,
                                       const std::filesystem::path& folder, const std::string& prefix) const {
  SparseMatrix matrix;
  std::uint64_t without = 0;
  for (std::size_t first = 0; first < users.size(); first += kUsersAtOnce) {
    throw_if_stopped();
    for (const auto& vector : user_vectors(liked, users.subspan(first, std::min(kUsersAtOnce, users.size() - first)))) {
      matrix.append(vector);
      without += vector.empty() ? 1 : 0;
    }
  }
  write_sparse_matrix(folder, prefix, matrix);
  return without;
}

}  // namespace persona4rec
