#include "train/encoder/training_tokens.hpp"

#include <algorithm>

#include "encoder/model_folder/opened_model.hpp"
#include "io/jsonl_reader.hpp"
#include "io/output_target.hpp"
#include "profiles/interaction_texts.hpp"
#include "profiles/persona_table.hpp"

namespace persona4rec {

TokenFile read_training_tokens(const TrainOptions& options, const ProfileText& texts, const TrainData& data) {
  const ModelConfig model = read_model_config(options.base_encoder);
  const EncoderOptions encoder{.folder = options.base_encoder,
                               .max_length = options.max_length,
                               .has_own_prompts = texts.options().has_prefix()};
  std::size_t length = chosen_length(encoder, model);
  if (options.encoder_training.max_tokens > 0) length = std::min(length, options.encoder_training.max_tokens);
  const std::string prompt = chosen_prompt(encoder, model);
  const std::size_t rows = data.rows.rows();
  const auto scratch = scratch_folder(options.output);
  TokenFile tokens(scratch, rows + data.persona_text_count(), open_tokenizer(model.transformer, model.lower_case),
                   length, options.threads);
  for_each_interaction_text({data.rows, *data.row_texts}, [&](std::uint32_t row, std::string_view text) {
    tokens.add(row, prompt + std::string(text));
  });
  if (!data.persona_texts.empty()) {
    data.for_each_persona_text(options, texts,
                               [&](std::size_t k, std::string&& text) { tokens.add(rows + k, prompt + text); });
  }
  tokens.finish();
  return tokens;
}

}  // namespace persona4rec
