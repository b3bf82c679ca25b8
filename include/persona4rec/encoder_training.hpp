// Training of the encoder itself: the part of `train`'s options that --mode full and --mode lora have beside the
// head's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace persona4rec {

// After the warm-up, the learning rate falls to 0 at the last step, or stays.
enum class RateDecay : std::uint8_t { kConstant, kLinear, kCosine };

// Products in bf16 (LibTorch's autocast), weights and sums in f32.
enum class MixedPrecision : std::uint8_t {
  kAuto,  // on a GPU
  kOff,
  kOn,
};

// Low-rank adapters (Hu et al. 2021), as PEFT makes them: y += (alpha / rank) B A dropout(x).
struct AdapterOptions {
  std::filesystem::path start;  // a folder with PEFT's files to go on from: their rank, alpha and targets; empty = none
  std::size_t rank = 16;        // >= 1
  double alpha = 32;
  double dropout = 0.05;
  // Which linear layers, by the end of their name: query, key, value, attention.output.dense, intermediate.dense,
  // output.dense, or all-linear.
  std::vector<std::string> targets = {"query", "key", "value"};
};

struct EncoderTrainingOptions {
  AdapterOptions adapter;               // of --mode lora
  std::size_t freeze_layers = 0;        // the embeddings and so many first layers stay as they are
  double dropout = -1;                  // of activations and attention, [0, 1); < 0 = as the folder says
  double map_rate = 1e-3;               // their learning rate at its height
  std::size_t max_tokens = 0;           // of a text while training; 0 = as when it is served
  std::size_t chunk_tokens = 8192;      // tokens whose activations are held at once (GradCache); 0 = a batch's, all
  std::size_t support_texts = 3;        // reviews of the persona that are encoded for a sample; 0 = all
  std::size_t catalogue_negatives = 0;  // personas of the whole catalogue drawn for a step, beside those of the batch
  std::size_t accumulate = 1;           // batches, each with its own negatives, whose gradients make a step; >= 1
  double weight_decay = 0.01;           // of AdamW; not of biases and norms
  double warm_up = 0.1;                 // below 1: share of all steps; else steps
  double clip = 1;                      // longest gradient, over all weights; 0 = any
  std::size_t valid_every = 0;          // steps between two looks at world valid; 0 = at the end of an epoch
  std::size_t save_every = 0;           // steps between two checkpoints; 0 = at the end of an epoch
  std::size_t frozen_cache_mb = 2048;   // most memory for what frozen layers made of the texts; 0 = made anew each time
  bool freeze_embeddings = false;       // the embeddings alone
  bool checkpoint_layers = false;       // a layer's activations are computed twice instead of kept
  MixedPrecision mixed = MixedPrecision::kAuto;
  bool train_maps = true;          // the two linear maps of --mode head learn too; off = they stay the identity
  bool learn_temperature = false;  // the loss's temperature is where it begins
  bool rest_of_support = true;     // the others count too, with the vectors of the epoch's beginning
  RateDecay decay = RateDecay::kLinear;
};

}  // namespace persona4rec
