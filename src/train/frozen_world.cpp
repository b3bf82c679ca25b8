#include "train/frozen_world.hpp"

#include <algorithm>
#include <utility>

namespace persona4rec {

FrozenWorld::FrozenWorld(const TrainData& data, ScratchFloats vectors, const ProfileOptions& profile,
                         std::span<const std::uint8_t> held_out, std::size_t threads)
    : data_(data),
      profile_(profile),
      item_side_of_row_(data.rows.item_side_of_row),
      x_(std::move(vectors)),
      texts_(data.persona_texts) {
  for (std::size_t row = 0; row < held_out.size(); ++row) {
    if (held_out[row] != 0) item_side_of_row_[row] = 0;
  }
  const auto mean_of = [&](VectorsView vectors, std::span<const std::uint8_t> take) {
    return data.center ? mean_of_rows(vectors, take) : std::vector<float>(dimensions());
  };
  interaction_mean_ = mean_of({x_.values(), dimensions()}, item_side_of_row_);
  center_rows(x_.values(), interaction_mean_, threads);
  persona_mean_.assign(dimensions(), 0.0F);
  if (!texts_.empty()) {
    std::vector<std::uint8_t> is_served(data.persona_text_count(), 0);
    std::fill_n(is_served.begin(), data.personas.size(), std::uint8_t{1});
    persona_mean_ = mean_of({texts_, dimensions()}, is_served);
    center_rows(texts_, persona_mean_, threads);
  }
  const auto keep = [&](std::span<const std::uint32_t> rows) {
    std::vector<std::uint32_t> kept;
    std::copy_if(rows.begin(), rows.end(), std::back_inserter(kept),
                 [&](auto row) { return item_side_of_row_[row] != 0; });
    return kept;
  };
  for (std::size_t k = 0; k < data.personas.size(); ++k) support_.append(keep(data.personas.support.of(k)));
  const auto liked = data.rows.liked_item_side();
  for (std::size_t user = 0; user < liked.owners(); ++user) liked_.append(keep(liked.of(user)));
  items_ = std::make_unique<ItemSide>(VectorsView{x_.values(), dimensions()},
                                      RowsView{data.rows.user_of_row, data.rows.item_of_row, item_side_of_row_},
                                      data.personas.items.size());
  maker_ = std::make_unique<PersonaVectorMaker>(*items_, liked_, profile_);
}

PersonaEvidence FrozenWorld::evidence(std::uint32_t persona) const {
  const auto text = texts_.empty() ? std::span<const float>() : VectorsView{texts_, dimensions()}.row(persona);
  return {.item = data_.personas.item_of_persona[persona], .support = support_.of(persona), .text = text};
}

bool FrozenWorld::persona(PersonaVectors kind, std::uint32_t persona, std::span<float> out) const {
  return maker_->make(kind, evidence(persona), out) != PersonaSource::kNone;
}

bool FrozenWorld::text_is_free_of(std::uint32_t persona, std::uint32_t user) const {
  const auto rows = data_.personas.support.of(persona);  // the text was written from all of them, held out or not
  return std::none_of(rows.begin(), rows.end(), [&](auto row) { return data_.rows.user_of_row[row] == user; });
}

std::optional<std::uint32_t> FrozenWorld::text_without(std::uint32_t persona, std::uint32_t user) const {
  if (texts_.empty()) return std::nullopt;
  if (text_is_free_of(persona, user)) return persona;
  const auto number = data_.rewritten ? data_.rewritten->find(persona, user) : std::nullopt;
  if (!number) return std::nullopt;
  return static_cast<std::uint32_t>(data_.personas.size()) + *number;
}

bool FrozenWorld::text_without(std::uint32_t persona, std::uint32_t user, std::span<float> out) const {
  const auto text = text_without(persona, user);
  if (!text) return false;
  const auto vector = VectorsView{texts_, dimensions()}.row(*text);
  std::copy(vector.begin(), vector.end(), out.begin());
  return !is_missing(vector);
}

bool FrozenWorld::persona_without(PersonaVectors kind, std::uint32_t persona, std::uint32_t user,
                                  std::span<float> out) const {
  const auto facts = evidence(persona);
  if (kind == PersonaVectors::kText) return text_without(persona, user, out);
  if (kind == PersonaVectors::kSupport && maker_->support(facts, user, out)) return true;
  if (kind == PersonaVectors::kReaders && maker_->readers(facts, user, out)) return true;
  if (kind != PersonaVectors::kMix) return text_without(persona, user, out);  // stands in, as for everybody
  VectorSum sum(dimensions());
  if (maker_->support(facts, user, out)) sum.add(out);
  if (maker_->readers(facts, user, out)) sum.add(out);
  if (text_without(persona, user, out)) sum.add(out);
  return sum.unit(out);
}

}  // namespace persona4rec
