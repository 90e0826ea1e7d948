# -DMLENVCTL_SANITIZE=address,undefined (or thread) instruments everything that is built.
if(MLENVCTL_SANITIZE)
  add_compile_options(-fsanitize=${MLENVCTL_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all -g1)
  add_link_options(-fsanitize=${MLENVCTL_SANITIZE})
endif()
# -DMLENVCTL_FUZZ=ON instruments everything for libFuzzer, which clang brings; the libraries' own assertions are on.
if(MLENVCTL_FUZZ)
  if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    message(FATAL_ERROR "MLENVCTL_FUZZ needs clang: `-DCMAKE_C_COMPILER=clang -DCMAKE_CXX_COMPILER=clang++`")
  endif()
  add_compile_options(-O1 -g1 -UNDEBUG -D_GLIBCXX_ASSERTIONS -fno-omit-frame-pointer -fno-sanitize-recover=all
                      -fsanitize=fuzzer-no-link,address,undefined)
  add_link_options(-fsanitize=address,undefined)
endif()
