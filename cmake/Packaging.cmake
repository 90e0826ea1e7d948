# What `cmake --install` and the .deb hold beside the program. Manual and completions are printed by the program itself.
include(GNUInstallDirs)
find_program(GZIP gzip)
find_program(PYTHON3 python3)
if(NOT GZIP OR NOT PYTHON3)
  message(FATAL_ERROR "gzip or python3 is missing: `apt-get install gzip python3`")
endif()
set(MLENVCTL_MAINTAINER "mlenvctl maintainers <mlenvctl@example.org>" CACHE STRING "who answers for the package")
set(printed ${PROJECT_BINARY_DIR}/printed)
set(document_files "")

# printed(FILE [GZIP] WORDS word…): the file holds what the program prints when it is called with these words.
function(printed file)
  cmake_parse_arguments(PRINTED GZIP "" WORDS ${ARGN})
  set(made ${printed}/${file})
  if(PRINTED_GZIP)
    set(pack COMMAND ${GZIP} -9nf ${made})
    set(result ${made}.gz)
  else()
    set(pack "")
    set(result ${made})
  endif()
  add_custom_command(OUTPUT ${result} COMMAND mlenvctl ${PRINTED_WORDS} > ${made} ${pack} DEPENDS mlenvctl VERBATIM)
  set(document_files ${document_files} ${result} PARENT_SCOPE)
endfunction()

file(MAKE_DIRECTORY ${printed})
printed(mlenvctl.1 GZIP WORDS explain commands --format man)
printed(mlenvctl-recipe.5 GZIP WORDS explain recipe --format man)
printed(mlenvctl WORDS completion bash)
printed(_mlenvctl WORDS completion zsh)
printed(mlenvctl.fish WORDS completion fish)
set(debian ${PROJECT_SOURCE_DIR}/cmake/debian)
add_custom_command(
  OUTPUT ${printed}/changelog.gz
  COMMAND ${PYTHON3} ${debian}/changelog.py ${PROJECT_SOURCE_DIR}/CHANGELOG.md ${MLENVCTL_MAINTAINER} >
          ${printed}/changelog
  COMMAND ${GZIP} -9nf ${printed}/changelog
  DEPENDS ${PROJECT_SOURCE_DIR}/CHANGELOG.md ${debian}/changelog.py
  VERBATIM)
add_custom_command(
  OUTPUT ${printed}/copyright
  COMMAND sh ${debian}/copyright.sh > ${printed}/copyright
  DEPENDS ${debian}/copyright.sh
  VERBATIM)
add_custom_target(documents ALL DEPENDS ${document_files} ${printed}/changelog.gz ${printed}/copyright)

install(FILES ${printed}/mlenvctl.1.gz DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES ${printed}/mlenvctl-recipe.5.gz DESTINATION ${CMAKE_INSTALL_MANDIR}/man5)
install(FILES ${printed}/mlenvctl DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
install(FILES ${printed}/mlenvctl.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
# zsh looks for what packages bring in another folder than for what an administrator has installed.
install(
  CODE "set(folder site-functions)
  if(CMAKE_INSTALL_PREFIX MATCHES \"/usr$\")
    set(folder vendor-completions)
  endif()
  file(INSTALL DESTINATION \"\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_DATADIR}/zsh/\${folder}\" TYPE FILE
       FILES \"${printed}/_mlenvctl\")")
set(data ${CMAKE_INSTALL_DATADIR}/mlenvctl)
install(DIRECTORY schemas recipes DESTINATION ${data})
install(DIRECTORY examples DESTINATION ${data}
        PATTERN quickstart.sh EXCLUDE
        PATTERN "*.sh" PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
install(FILES README.md KINDS.md SECURITY.md ${printed}/copyright ${printed}/changelog.gz
        DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/mlenvctl)
install(FILES ${debian}/lintian-overrides DESTINATION ${CMAKE_INSTALL_DATADIR}/lintian/overrides RENAME mlenvctl)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME mlenvctl)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_CONTACT ${MLENVCTL_MAINTAINER})
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "plan and apply for machine-learning workstations")
set(CPACK_PACKAGE_DESCRIPTION
    "A recipe declares what a machine must have: apt packages, NVIDIA's repository
with its key, a Python venv, pip packages, environment variables, Jupyter
kernels, a driver, a framework. mlenvctl builds the dependency graph from it,
probes the host, shows exactly what would change, and applies it:
idempotently, in order, and only what is missing.")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ
                                                WORLD_EXECUTE)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION admin)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
# Loaded when something is to be fetched, which no program can see in the file; its newer name is of the 64-bit time_t.
set(CPACK_DEBIAN_PACKAGE_DEPENDS "libcurl4 | libcurl4t64, zlib1g")
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "ca-certificates, python3-venv")
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "sudo, graphviz, python3-pip")
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA ${debian}/postrm)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
include(CPack)
