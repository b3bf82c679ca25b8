// Which process of a run this one is, as its launcher says: torchrun, srun or mpirun start one program several times.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace persona4rec {

struct Launch {
  std::size_t rank = 0;         // of this process, 0 .. size - 1
  std::size_t size = 1;         // processes; 1 = alone
  std::size_t local_rank = 0;   // among those of this machine
  std::string address;          // of the machine of rank 0; empty when alone
  std::uint16_t port = 0;       // where they meet there
  bool meets_at_agent = false;  // torchrun itself listens there
  std::size_t attempt = 0;      // how often torchrun had to start the run again

  [[nodiscard]] bool first() const { return rank == 0; }
};

// RANK and WORLD_SIZE (torchrun), else SLURM_PROCID and SLURM_NTASKS inside an srun step, else OMPI_COMM_WORLD_RANK and
// OMPI_COMM_WORLD_SIZE (mpirun); with any of them MASTER_ADDR and MASTER_PORT. None of them, or one process: alone.
// Throws Error kUsage: a variable that is missing or no number of its range.
[[nodiscard]] Launch read_launch();

}  // namespace persona4rec
