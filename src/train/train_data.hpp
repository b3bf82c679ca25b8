// What training reads: rows and their texts' vectors, personas, and which persona each train target
// selected. Thread-safety: const use from any thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "io/input_file.hpp"
#include "io/mapped_file.hpp"
#include "io/provenance.hpp"
#include "persona4rec/train.hpp"
#include "profiles/history.hpp"
#include "profiles/interaction_rows.hpp"
#include "profiles/interaction_texts.hpp"
#include "profiles/persona_table.hpp"
#include "profiles/persona_words.hpp"
#include "train/rewritten_personas.hpp"

namespace persona4rec {

// One row of 4_selected_personas, tied to the interaction that is its target.
struct SelectedTarget {
  std::uint32_t interaction = 0;
  std::uint32_t persona = 0;  // index into PersonaTable
};

struct TrainData {
  InputFile persona_rows{""};  // 3.5_persona_with_summary, to be read again
  InteractionRows rows;
  std::shared_ptr<const RowSpool> row_texts;  // of the interactions
  InteractionTexts texts;
  std::filesystem::path scratch;  // folder of what memory is too small for
  ScratchFloats vectors;          // [rows, d] of the texts, as encoded; zero where a row has none
  PersonaTable personas;
  PersonaWordTexts persona_words;  // empty where no weights are fitted
  // Of persona_texts [personas + rewritten, d], the rows behind the personas'; nothing where none is needed.
  std::shared_ptr<RewrittenPersonas> rewritten;
  std::vector<float> persona_texts;      // as encoded; empty = no kind needs them
  std::vector<SelectedTarget> selected;  // in file order
  std::size_t dimensions = 0;            // d
  bool any_rating = false;               // in training, what a user did not like speaks for it too
  bool center = true;                    // texts are centred by their mean
  std::uint64_t selected_rows = 0;
  std::uint64_t selected_unknown = 0;  // the persona is not in 3.5_persona_with_summary
  std::uint64_t bad_rows = 0;

  // Calls take(row of persona_texts, text) for all of them, in two passes over the file of personas.
  void for_each_persona_text(const TrainOptions& options, const ProfileText& texts,
                             const std::function<void(std::size_t, std::string&&)>& take) const;
  [[nodiscard]] std::size_t persona_text_count() const { return personas.size() + (rewritten ? rewritten->size() : 0); }
};

// Registers every input with `provenance`. Throws Error kInput; a selected target that the split holds out (valid,
// test) is one of them.
[[nodiscard]] TrainData read_train_data(const TrainOptions& options, const ProfileText& texts, TextEncoder& encoder,
                                        Provenance& provenance);

}  // namespace persona4rec
