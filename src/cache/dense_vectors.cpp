#include "cache/dense_vectors.hpp"

#include <algorithm>
#include <atomic>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "base/parallel.hpp"
#include "base/stop.hpp"
#include "cache/cache_files.hpp"
#include "cache/centring_texts.hpp"
#include "io/cache/cache_names.hpp"
#include "matching/head_map.hpp"
#include "matching/user_profile.hpp"

namespace persona4rec {
namespace {

constexpr std::size_t kVectorsAtOnce = 8192;  // made in parallel, then written
constexpr std::size_t kVectorsPerTask = 64;

}  // namespace

DenseVectors::DenseVectors(const CacheOptions& options, const InteractionRows& rows, ScratchFloats vectors,
                           std::size_t items, const EncoderHead* head)
    : options_(options),
      rows_(rows),
      head_(head),
      dimensions_(rows.rows() == 0 ? 0 : vectors.values().size() / rows.rows()),
      x_(std::move(vectors)) {
  means_.interactions.assign(dimensions_, 0.0F);
  if (head_ != nullptr) {
    means_ = {.interactions = head_->user_mean, .personas = head_->persona_mean};
  } else if (options_.center) {
    means_.interactions = mean_of_rows({x_.values(), dimensions_}, rows_.item_side_of_row);
  }
  center_rows(x_.values(), means_.interactions, options_.threads);
  valid_ = std::make_unique<Side>(*this, World::kValid, items);
  test_ = std::make_unique<Side>(*this, World::kTest, items);
}

DenseVectors::Side::Side(const DenseVectors& vectors, World world, std::size_t items_count)
    : on(vectors.rows_.item_side(world)),
      items(VectorsView{vectors.x_.values(), vectors.dimensions_},
            RowsView{vectors.rows_.user_of_row, vectors.rows_.item_of_row, on}, items_count),
      liked(vectors.rows_.liked_item_side(world)),
      maker(items, liked, vectors.options_.profile) {}

void DenseVectors::write_interactions(const std::filesystem::path& folder) const {
  HalfMatrixWriter file(folder / cache_names::kInteractions);
  for (std::size_t row = 0; row < rows_.rows(); ++row) file.append(VectorsView{x_.values(), dimensions_}.row(row));
  file.commit();
}

template <class Make>
void DenseVectors::write_vectors(std::size_t count, const std::filesystem::path& frozen,
                                 const std::filesystem::path& mapped, const std::vector<float>* map,
                                 const Make& make) const {
  HalfMatrixWriter frozen_file(frozen);
  std::optional<HalfMatrixWriter> mapped_file;
  if (map != nullptr) mapped_file.emplace(mapped);
  std::vector<float> block;
  std::vector<float> mapped_block;
  for (std::size_t first = 0; first < count; first += kVectorsAtOnce) {
    throw_if_stopped();
    const std::size_t size = std::min(kVectorsAtOnce, count - first);
    block.resize(size * dimensions_);
    parallel_ranges(size, kVectorsPerTask, options_.threads, [&](std::size_t begin, std::size_t end) {
      for (std::size_t i = begin; i < end; ++i) {
        make(first + i, std::span(block).subspan(i * dimensions_, dimensions_));
      }
    });
    frozen_file.append(block);
    if (map == nullptr || !mapped_file) continue;
    mapped_block.resize(block.size());
    map_rows({.inputs = dimensions_, .outputs = dimensions_, .weights = *map}, block, mapped_block, options_.threads);
    mapped_file->append(mapped_block);
  }
  frozen_file.commit();
  if (mapped_file) mapped_file->commit();
}

std::vector<std::uint8_t> DenseVectors::need_text(const PersonaTable& personas) {
  const auto kind = options_.persona_vectors;
  const bool takes_mean = options_.center && head_ == nullptr;  // a head brings its own
  if (kind == PersonaVectors::kText || kind == PersonaVectors::kMix) {
    centring_texts_.assign(personas.size(), takes_mean ? 1 : 0);
    return std::vector<std::uint8_t>(personas.size(), 1);
  }
  std::vector<std::uint8_t> need(personas.size(), 0);
  // Where world valid has a vector, world test has one.
  parallel_ranges(personas.size(), kVectorsPerTask, options_.threads, [&](std::size_t begin, std::size_t end) {
    std::vector<float> out(dimensions_);
    for (auto k = static_cast<std::uint32_t>(begin); k < end; ++k) {
      const auto facts = evidence(personas, k, personas.support.of(k));
      need[k] = valid_->maker.make(kind, facts, out) == PersonaSource::kNone ? 1 : 0;
    }
  });
  const auto standing_in = static_cast<std::size_t>(std::count(need.begin(), need.end(), std::uint8_t{1}));
  if (standing_in == 0 || !takes_mean) return need;
  centring_texts_ = draw_centring_texts(personas.ids, standing_in);
  for (std::size_t k = 0; k < need.size(); ++k) need[k] |= centring_texts_[k];
  return need;
}

void DenseVectors::take_persona_texts(ScratchFloats texts) {
  texts_ = std::move(texts);
  if (texts_.empty()) return;
  if (head_ == nullptr) {
    centring_texts_.resize(texts_.values().size() / dimensions_, 0);
    means_.personas = mean_of_rows({texts_.values(), dimensions_}, centring_texts_);
  }
  center_rows(texts_.values(), means_.personas, options_.threads);
}

PersonaEvidence DenseVectors::evidence(const PersonaTable& personas, std::uint32_t persona,
                                       std::span<const std::uint32_t> support) const {
  const auto text = texts_.empty() ? std::span<const float>() : VectorsView{texts_.values(), dimensions_}.row(persona);
  return {.item = personas.item_of_persona[persona], .support = support, .text = text};
}

// By the vectors of world valid, those of the reviews that its text was written from; of equal ones the first.
// An item's personas are made once for all its rows: each costs as much as its support is long.
void DenseVectors::give_to_nearest(const PersonaTable& personas, std::uint32_t item,
                                   std::span<const std::uint32_t> rows,
                                   std::vector<std::vector<std::uint32_t>>& rows_of_persona) const {
  const auto range = personas.personas_of_item[item];
  std::vector<std::pair<std::uint32_t, std::vector<float>>> made;
  for (std::uint32_t k = range.first; k < range.end(); ++k) {
    std::vector<float> vector(dimensions_);
    const auto facts = evidence(personas, k, personas.support.of(k));
    if (valid_->maker.make(options_.persona_vectors, facts, vector) == PersonaSource::kNone) continue;
    made.emplace_back(k, std::move(vector));
  }
  if (made.empty()) return;
  for (const auto row : rows) {
    const auto x = VectorsView{x_.values(), dimensions_}.row(row);
    if (is_missing(x)) continue;
    std::uint32_t nearest = made.front().first;
    double best = dot(x, made.front().second);
    for (const auto& [k, vector] : std::span(made).subspan(1)) {
      const double similarity = dot(x, vector);
      if (similarity <= best) continue;
      nearest = k;
      best = similarity;
    }
    rows_of_persona[nearest].push_back(row);
  }
}

GroupedRows DenseVectors::support_of(const PersonaTable& personas, World world, std::uint64_t& added) const {
  std::vector<std::pair<std::uint32_t, std::uint32_t>> later;  // item, row
  for (std::uint32_t row = 0; row < rows_.rows(); ++row) {
    if (side(world).on[row] != 0 && valid_->on[row] == 0) later.emplace_back(rows_.item_of_row[row], row);
  }
  std::ranges::sort(later);
  std::vector<std::vector<std::uint32_t>> more(personas.size());
  std::vector<std::uint32_t> rows;
  for (auto next = later.begin(); next != later.end();) {
    throw_if_stopped();
    const auto item = next->first;
    rows.clear();
    for (; next != later.end() && next->first == item; ++next) rows.push_back(next->second);
    give_to_nearest(personas, item, rows, more);
  }
  for (const auto& given : more) added += given.size();
  GroupedRows support;
  for (std::size_t k = 0; k < personas.size(); ++k) {
    const auto named = personas.support.of(k);
    more[k].insert(more[k].begin(), named.begin(), named.end());
    support.append(more[k]);
  }
  return support;
}

void DenseVectors::write_personas(const PersonaTable& personas, World world, const std::filesystem::path& folder,
                                  CacheReport& report) const {
  report.support_of_test = 0;
  const auto support = support_of(personas, world, report.support_of_test);
  std::atomic<std::uint64_t> from_text{0};
  std::atomic<std::uint64_t> without{0};
  const auto& maker = side(world).maker;
  write_vectors(personas.size(), folder / cache_names::personas_file(world),
                folder / cache_names::persona_head_file(world), head_ == nullptr ? nullptr : &head_->persona_map,
                [&](std::size_t k, std::span<float> out) {
                  const auto facts = evidence(personas, static_cast<std::uint32_t>(k), support.of(k));
                  const auto source = maker.make(options_.persona_vectors, facts, out);
                  if (source == PersonaSource::kNone) ++without;
                  if (source == PersonaSource::kText && options_.persona_vectors != PersonaVectors::kText) ++from_text;
                });
  report.personas_from_text = from_text;
  report.personas_without_vector = without;
}

std::uint64_t DenseVectors::write_profiles(const GroupedRows& liked, std::span<const std::uint32_t> users, World world,
                                           const std::filesystem::path& folder) const {
  std::atomic<std::uint64_t> without{0};
  write_vectors(users.size(), folder / cache_names::kFrozenProfiles, folder / cache_names::kHeadProfiles,
                head_ == nullptr ? nullptr : &head_->user_map, [&](std::size_t i, std::span<float> out) {
                  const auto user = users[i];
                  const bool found =
                      user_profile(side(world).items, liked.of(user), std::span(&user, 1), options_.profile, out);
                  if (!found) ++without;
                });
  return without;
}

}  // namespace persona4rec
