#include "matching/persona_vector.hpp"

#include <algorithm>
#include <iterator>
#include <vector>

#include "matching/user_profile.hpp"

namespace persona4rec {
namespace {

bool use_text(const PersonaEvidence& persona, std::span<float> out) {
  if (persona.text.empty() || is_missing(persona.text)) {
    std::fill(out.begin(), out.end(), 0.0F);
    return false;
  }
  std::copy(persona.text.begin(), persona.text.end(), out.begin());
  return true;
}

}  // namespace

bool PersonaVectorMaker::support(const PersonaEvidence& persona, std::optional<std::uint32_t> without,
                                 std::span<float> out) const {
  VectorSum sum(out.size());
  std::vector<std::uint32_t> rows;
  rows.reserve(persona.support.size());
  std::copy_if(persona.support.begin(), persona.support.end(), std::back_inserter(rows),
               [&](std::uint32_t row) { return items_.table().user_of_row[row] != without; });
  sum.add_rows(items_.x(), rows);
  return sum.unit(out);
}

bool PersonaVectorMaker::readers(const PersonaEvidence& persona, std::optional<std::uint32_t> without,
                                 std::span<float> out) const {
  VectorSum sum(out.size());
  std::vector<std::uint32_t> writers;
  for (const auto support_row : persona.support) {
    const auto writer = items_.table().user_of_row[support_row];
    if (writer == without || std::find(writers.begin(), writers.end(), writer) != writers.end()) continue;
    writers.push_back(writer);
    std::vector<std::uint32_t> rows;
    for (const auto row : liked_.of(writer)) {
      if (items_.table().item_of_row[row] != persona.item) rows.push_back(row);
    }
    std::vector<std::uint32_t> left_out = {writer};
    if (without) left_out.push_back(*without);
    if (user_profile(items_, rows, left_out, options_, out)) sum.add(out);
  }
  return sum.unit(out);
}

PersonaSource PersonaVectorMaker::mix(const PersonaEvidence& persona, std::span<float> out) const {
  VectorSum sum(out.size());
  if (support(persona, std::nullopt, out)) sum.add(out);
  if (readers(persona, std::nullopt, out)) sum.add(out);
  if (use_text(persona, out)) sum.add(out);
  return sum.unit(out) ? PersonaSource::kMix : PersonaSource::kNone;
}

PersonaSource PersonaVectorMaker::make(PersonaVectors kind, const PersonaEvidence& persona,
                                       std::span<float> out) const {
  if (kind == PersonaVectors::kMix) return mix(persona, out);
  if (kind == PersonaVectors::kSupport && support(persona, std::nullopt, out)) return PersonaSource::kSupport;
  if (kind == PersonaVectors::kReaders && readers(persona, std::nullopt, out)) return PersonaSource::kReaders;
  return use_text(persona, out) ? PersonaSource::kText : PersonaSource::kNone;
}

}  // namespace persona4rec
