// The small JSON files of a model folder, one of them changed.
#include "encoder/model_folder/model_config.hpp"

#include "fuzz/fuzz_target.hpp"

namespace persona4rec {

FUZZ_TARGET(model_config) {
  static const fuzz::SoundFolder folder({
      {"config.json", R"({"model_type": "bert", "hidden_size": 4, "num_hidden_layers": 1, "num_attention_heads": 2,
        "intermediate_size": 8, "vocab_size": 7, "max_position_embeddings": 16, "type_vocab_size": 2,
        "layer_norm_eps": 1e-12, "hidden_act": "gelu", "pad_token_id": 0})"},
      {"modules.json", R"([{"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
        {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
        {"idx": 2, "name": "2", "path": "2_Normalize", "type": "sentence_transformers.models.Normalize"}])"},
      {"1_Pooling/config.json", R"({"word_embedding_dimension": 4, "pooling_mode_mean_tokens": true})"},
      {"sentence_bert_config.json", R"({"max_seq_length": 16, "do_lower_case": false})"},
      {"tokenizer_config.json", R"({"model_max_length": 16, "do_lower_case": true})"},
  });
  folder.with(input, [](const std::filesystem::path& path) {
    const auto config = read_model_config(path);
    // What is taken is in a range that memory and 64 bits bear.
    if (config.hidden == 0 || config.max_length > config.position_room()) __builtin_trap();
  });
}

}  // namespace persona4rec
