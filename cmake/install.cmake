# cmake --install and cpack: a tree that runs wherever it is moved, in two components that are two packages.
#   persona4rec         the program (serves and evaluates), configs, prompts, data/tiny, scripts, man page, completion, docs
#   persona4rec-torch   the module that encodes and trains, LibTorch's libraries beside it, the default encoder
# docs/deploy.md says what goes where; scripts/make_packages.sh makes the packages and scripts/try_packages.sh tries them.
include(GNUInstallDirs)
set(share ${CMAKE_INSTALL_DATADIR}/persona4rec)
set(torch_libs lib/persona4rec)  # src/cli/torch/torch_module.cpp looks there, from the program's own place

install(TARGETS persona4rec RUNTIME COMPONENT program)
install(DIRECTORY configs prompts DESTINATION ${share} COMPONENT program)
install(FILES data/tiny/reviews.jsonl data/tiny/meta.jsonl DESTINATION ${share}/data/tiny COMPONENT program)
install(PROGRAMS scripts/run_pipeline.sh scripts/to_jsonl.py DESTINATION ${share}/scripts COMPONENT program)
install(FILES README.md data/README.md DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT program)
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR} RENAME copyright COMPONENT program)
install(DIRECTORY docs DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT program)

# The program itself writes its man page and what shells complete.
set(words ${CMAKE_BINARY_DIR}/words)
set(word_files ${words}/persona4rec.1 ${words}/persona4rec ${words}/_persona4rec ${words}/persona4rec.fish)
add_custom_command(OUTPUT ${word_files}
  COMMAND ${CMAKE_COMMAND} -E make_directory ${words}
  COMMAND persona4rec man > ${words}/persona4rec.1
  COMMAND persona4rec completion bash > ${words}/persona4rec
  COMMAND persona4rec completion zsh > ${words}/_persona4rec
  COMMAND persona4rec completion fish > ${words}/persona4rec.fish
  DEPENDS persona4rec VERBATIM)
add_custom_target(words ALL DEPENDS ${word_files})
install(FILES ${words}/persona4rec.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 COMPONENT program)
install(FILES ${words}/persona4rec DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions COMPONENT program)
install(FILES ${words}/_persona4rec DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions COMPONENT program)
install(FILES ${words}/persona4rec.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d
        COMPONENT program)

# LibTorch's libraries find each other through their own $ORIGIN; a CUDA build of it needs the whole folder.
set_target_properties(persona4rec_torch PROPERTIES INSTALL_RPATH "$ORIGIN")
install(TARGETS persona4rec_torch LIBRARY DESTINATION ${torch_libs} COMPONENT torch)
if(EXISTS ${P4R_TORCH_ROOT}/lib/libtorch_cuda.so)
  install(DIRECTORY ${P4R_TORCH_ROOT}/lib/ DESTINATION ${torch_libs} COMPONENT torch
          FILES_MATCHING PATTERN "*.so*" PATTERN "libtorch_python*" EXCLUDE)
else()
  foreach(library torch torch_cpu c10 gomp)
    file(GLOB found ${P4R_TORCH_ROOT}/lib/lib${library}.so*)
    install(FILES ${found} DESTINATION ${torch_libs} COMPONENT torch)
  endforeach()
endif()
file(GLOB found ${P4R_TORCH_ROOT}/../torch-*.dist-info/licenses)  # of the wheel
install(DIRECTORY ${found} DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/persona4rec-torch COMPONENT torch)
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/persona4rec-torch RENAME copyright COMPONENT torch)
install(DIRECTORY build/deps/models/all-MiniLM-L6-v2 DESTINATION ${share}/models COMPONENT torch OPTIONAL)

# ---- packages --------------------------------------------------------------------------------------------------------
set(CPACK_GENERATOR DEB TGZ)
set(CPACK_COMPONENTS_ALL program torch)
set(CPACK_PACKAGE_NAME persona4rec)
set(CPACK_PACKAGE_VENDOR persona4rec)
set(CPACK_PACKAGE_CONTACT "The authors of persona4rec <persona4rec@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "Rerank recommendations by personas that reviews are turned into")
set(CPACK_RESOURCE_FILE_LICENSE ${PROJECT_SOURCE_DIR}/LICENSE)
set(CPACK_PROJECT_CONFIG_FILE ${PROJECT_SOURCE_DIR}/cmake/package_prefix.cmake)
set(CPACK_STRIP_FILES ON)
set(CPACK_THREADS 0)

set(CPACK_ARCHIVE_COMPONENT_INSTALL ON)
set(CPACK_ARCHIVE_PROGRAM_FILE_NAME persona4rec-${PROJECT_VERSION}-${CMAKE_SYSTEM_PROCESSOR})
set(CPACK_ARCHIVE_TORCH_FILE_NAME persona4rec-torch-${PROJECT_VERSION}-${CMAKE_SYSTEM_PROCESSOR})

set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_NAME persona4rec)
set(CPACK_DEBIAN_TORCH_PACKAGE_NAME persona4rec-torch)
set(CPACK_DEBIAN_PACKAGE_SECTION science)
set(CPACK_DEBIAN_COMPRESSION_TYPE zstd)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_DEPENDS "libcurl4 | libcurl4t64")  # loaded late, which shlibdeps does not see
set(CPACK_DEBIAN_PROGRAM_PACKAGE_RECOMMENDS "ca-certificates, python3")  # https; scripts/run_pipeline.sh
set(CPACK_DEBIAN_TORCH_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS ${P4R_TORCH_ROOT}/lib)
set(CPACK_DEBIAN_TORCH_PACKAGE_DEPENDS "persona4rec (= ${PROJECT_VERSION})")  # they share classes
set(CPACK_COMPONENT_PROGRAM_DESCRIPTION
    "Turns raw reviews into persona-profiled items, reranks candidate lists in microseconds and evaluates them.")
set(CPACK_COMPONENT_TORCH_DESCRIPTION
    "What persona4rec encodes and trains with: its module, LibTorch and a sentence encoder.")
include(CPack)
