// What a trained head was made for: <encoder folder>/serving_contract.json and serving_contract.u64. A head may serve a
// workspace whose data contain everything that its fit saw and whose targets it never saw (trained under leave-one-out,
// serving under none; trained with an earlier cutoff, serving with a later one). Every other difference is a breach.
//
// Interactions are told by their uids (matching/numberings.hpp), so two workspaces are compared by who reviewed what,
// when and how, whatever their split is called.
// Thread-safety: value types, re-entrant functions.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "matching/numberings.hpp"
#include "persona4rec/json.hpp"
#include "persona4rec/matching_options.hpp"
#include "persona4rec/split.hpp"
#include "persona4rec/words.hpp"
#include "profiles/interaction_rows.hpp"
#include "records/profile_text.hpp"

namespace persona4rec {

// How vectors are made on one side: training's or serving's.
struct ServingTerms {
  ProfileOptions profile;
  PersonaVectors persona_vectors = PersonaVectors::kSupport;
  bool center = true;
  double liked_from = kLikedFrom;
  WordOptions words;
};

// The terms by name, those of the texts too: what must be equal on both sides.
[[nodiscard]] Json terms_json(const ServingTerms& terms, const ProfileText& texts);

struct ServingContract {
  Json terms;               // terms_json() of the training
  double alpha = 0;         // share of the best persona in validation
  Json settings;            // the split: policy, seed, cutoffs
  std::vector<Uid> fit;     // ascending: what lay on the item side
  std::vector<Uid> chosen;  // ascending: the valid targets that chose the epoch
};

// What a training over these rows saw.
void note_interactions(const InteractionRows& rows, ServingContract& contract);

// Writes both files. Throws Error kOutput.
void write_serving_contract(const std::filesystem::path& encoder, const ServingContract& contract);

// Nothing where there is none. Throws Error kInput: broken, or of a newer version of the program.
[[nodiscard]] std::optional<ServingContract> read_serving_contract(const std::filesystem::path& encoder);

struct ContractBreach {
  std::string reason;
  bool leak = false;  // the head saw what it would be judged by
};

// Why the head may not serve these rows with these terms; empty where it may. A workspace under --split reference leaks
// by its protocol (and says so): its targets are not looked at.
[[nodiscard]] std::vector<ContractBreach> contract_breaches(const ServingContract& contract, const Json& terms,
                                                            const InteractionRows& rows);

}  // namespace persona4rec
