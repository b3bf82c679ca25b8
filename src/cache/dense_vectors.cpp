#include "cache/dense_vectors.hpp"

#include <algorithm>
#include <atomic>
#include <optional>

#include "base/parallel.hpp"
#include "base/stop.hpp"
#include "cache/cache_files.hpp"
#include "io/cache_names.hpp"
#include "matching/head_map.hpp"
#include "matching/user_profile.hpp"

namespace persona4rec {
namespace {

constexpr std::size_t kVectorsAtOnce = 8192;  // made in parallel, then written
constexpr std::size_t kVectorsPerTask = 64;

}  // namespace

DenseVectors::DenseVectors(const CacheOptions& options, const InteractionRows& rows, std::vector<float> vectors,
                           std::size_t items, const EncoderHead* head)
    : options_(options),
      rows_(rows),
      head_(head),
      dimensions_(rows.rows() == 0 ? 0 : vectors.size() / rows.rows()),
      x_(std::move(vectors)),
      liked_item_side_(rows.liked_item_side()) {
  means_.interactions.assign(dimensions_, 0.0F);
  if (head_ != nullptr) {
    means_ = {.interactions = head_->user_mean, .personas = head_->persona_mean};
  } else if (options_.center) {
    means_.interactions = mean_of_rows({x_, dimensions_}, rows_.item_side_of_row);
  }
  center_rows(x_, means_.interactions, options_.threads);
  item_side_ = std::make_unique<ItemSide>(VectorsView{x_, dimensions_}, rows_.view(), items);
}

void DenseVectors::write_interactions(const std::filesystem::path& folder) const {
  HalfMatrixWriter file(folder / cache_names::kInteractions);
  for (std::size_t row = 0; row < rows_.rows(); ++row) file.append(VectorsView{x_, dimensions_}.row(row));
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

std::vector<std::uint8_t> DenseVectors::need_text(const PersonaTable& personas) const {
  const auto kind = options_.persona_vectors;
  if (kind == PersonaVectors::kText || kind == PersonaVectors::kMix) {
    return std::vector<std::uint8_t>(personas.size(), 1);
  }
  std::vector<std::uint8_t> need(personas.size(), 0);
  const PersonaVectorMaker maker(*item_side_, liked_item_side_, options_.profile);
  parallel_ranges(personas.size(), kVectorsPerTask, options_.threads, [&](std::size_t begin, std::size_t end) {
    std::vector<float> out(dimensions_);
    for (std::size_t k = begin; k < end; ++k) {
      const PersonaEvidence evidence{
          .item = personas.item_of_persona[k], .support = personas.support.of(k), .text = {}};
      need[k] = maker.make(kind, evidence, out) == PersonaSource::kNone ? 1 : 0;
    }
  });
  // The mean of the persona texts is over all of them, whichever are used; a head brings its own.
  const bool any = std::find(need.begin(), need.end(), std::uint8_t{1}) != need.end();
  if (any && head_ == nullptr && options_.center) need.assign(need.size(), 1);
  return need;
}

void DenseVectors::write_personas(const PersonaTable& personas, std::vector<float> texts,
                                  const std::filesystem::path& folder, CacheReport& report) {
  if (!texts.empty()) {
    if (head_ == nullptr) {
      const std::vector<std::uint8_t> all(personas.size(), options_.center ? 1 : 0);
      means_.personas = mean_of_rows({texts, dimensions_}, all);
    }
    center_rows(texts, means_.personas, options_.threads);
  }
  const PersonaVectorMaker maker(*item_side_, liked_item_side_, options_.profile);
  std::atomic<std::uint64_t> from_text{0};
  std::atomic<std::uint64_t> without{0};
  write_vectors(personas.size(), folder / cache_names::kPersonas, folder / cache_names::kPersonaHead,
                head_ == nullptr ? nullptr : &head_->persona_map, [&](std::size_t k, std::span<float> out) {
                  const auto text = texts.empty() ? std::span<const float>() : VectorsView{texts, dimensions_}.row(k);
                  const PersonaEvidence evidence{personas.item_of_persona[k], personas.support.of(k), text};
                  const auto source = maker.make(options_.persona_vectors, evidence, out);
                  if (source == PersonaSource::kNone) ++without;
                  if (source == PersonaSource::kText && options_.persona_vectors != PersonaVectors::kText) ++from_text;
                });
  report.personas_from_text = from_text;
  report.personas_without_vector = without;
}

std::uint64_t DenseVectors::write_profiles(const GroupedRows& liked, std::span<const std::uint32_t> users,
                                           const std::filesystem::path& folder) const {
  std::atomic<std::uint64_t> without{0};
  write_vectors(users.size(), folder / cache_names::kFrozenProfiles, folder / cache_names::kHeadProfiles,
                head_ == nullptr ? nullptr : &head_->user_map, [&](std::size_t i, std::span<float> out) {
                  const auto user = users[i];
                  const bool found =
                      user_profile(*item_side_, liked.of(user), std::span(&user, 1), options_.profile, out);
                  if (!found) ++without;
                });
  return without;
}

}  // namespace persona4rec
