#include "cache/word_vectors.hpp"

#include <algorithm>
#include <string>

#include "base/parallel.hpp"
#include "base/stop.hpp"
#include "cache/cache_files.hpp"
#include "io/cache/cache_names.hpp"

namespace persona4rec {
namespace {

constexpr std::size_t kUsersAtOnce = 8192;  // made in parallel, then appended
constexpr std::size_t kUsersPerTask = 512;  // each task has a sum as wide as the vocabulary

std::uint64_t empty_rows(const SparseMatrix& rows) {
  std::uint64_t empty = 0;
  for (std::size_t i = 0; i < rows.rows(); ++i) empty += rows.row(i).empty() ? 1 : 0;
  return empty;
}

}  // namespace

std::uint64_t WordVectors::make_items(const PersonaTable& personas, const SparseMatrix* words_of_persona) {
  if (words_of_persona != nullptr) {
    channel_.make_items(personas, *words_of_persona);
  } else {
    channel_.make_items(personas.items.size());
  }
  return empty_rows(channel_.words_of_item());
}

std::uint64_t WordVectors::make_persona_items(const PersonaWordTexts& texts, std::size_t items) {
  channel_.make_persona_items(texts, items);
  return empty_rows(channel_.persona_words_of_item());
}

void WordVectors::write_items(const std::filesystem::path& folder) const {
  write_lines(folder / cache_names::terms_list(world_), vocabulary().size(),
              [&](std::size_t i) { return vocabulary().term(static_cast<std::uint32_t>(i)); });
  write_sparse_matrix(folder, cache_names::item_matrix(world_), channel_.words_of_item());
  write_sparse_matrix(folder, cache_names::persona_words_matrix(world_), channel_.persona_words_of_item());
}

std::vector<SparseVector> WordVectors::user_vectors(const GroupedRows& liked,
                                                    std::span<const std::uint32_t> users) const {
  std::vector<SparseVector> vectors(users.size());
  parallel_ranges(users.size(), kUsersPerTask, options_.threads, [&](std::size_t begin, std::size_t end) {
    SparseSum sum(vocabulary().size());
    for (std::size_t i = begin; i < end; ++i) vectors[i] = channel_.user(liked.of(users[i]), options_.profile, sum);
  });
  return vectors;
}

std::uint64_t WordVectors::write_users(const GroupedRows& liked, std::span<const std::uint32_t> users,
                                       const std::filesystem::path& folder) const {
  SparseMatrixWriter file(folder, cache_names::user_matrix(world_));
  std::uint64_t without = 0;
  for (std::size_t first = 0; first < users.size(); first += kUsersAtOnce) {
    throw_if_stopped();
    for (const auto& vector : user_vectors(liked, users.subspan(first, std::min(kUsersAtOnce, users.size() - first)))) {
      file.append(vector);
      without += vector.empty() ? 1 : 0;
    }
  }
  file.commit();
  return without;
}

}  // namespace persona4rec
