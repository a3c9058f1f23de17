; The Windows installer. Built by packaging/dev.py installers, which defines VERSION, NUMBERS, PAYLOAD, OUTPUT, ICON.
;   setup.exe            asks; per user without administrator rights, for all users when started as administrator
;   setup.exe /S         silent;  /D=C:\path (last, unquoted) chooses the folder
;   setup.exe /AllUsers | /CurrentUser   decide without asking
;   setup.exe /DoubleClick   files are also opened by double click, not only under "Open with"
;   Uninstall.exe /S     removes everything that was installed and, installed per user, the user's settings and notes
; Exit status: 0 done; 1 cancelled; 2 failed; 3 this Windows is too old; 4 the program is running; 5 no administrator.
Target amd64-unicode
SetCompressor /SOLID lzma
ManifestDPIAware true
ManifestLongPathAware true
ManifestSupportedOS all

!include MUI2.nsh
!include FileFunc.nsh
!include LogicLib.nsh
!include x64.nsh
!include Sections.nsh
!include WinVer.nsh

!define NAME "Ckpt Studio"
!define PROGRAM "ckpt-studio.exe"
!define KEY "Software\Microsoft\Windows\CurrentVersion\Uninstall\CkptStudio"
!define CLASS_PYTORCH "CkptStudio.Checkpoint"
!define CLASS_SAFETENSORS "CkptStudio.Safetensors"
!define BEFORE "BeforeCkptStudio"

Name "${NAME}"
OutFile "${OUTPUT}"
RequestExecutionLevel highest
BrandingText "${NAME} ${VERSION}"
VIProductVersion "${NUMBERS}"
VIAddVersionKey ProductName "${NAME}"
VIAddVersionKey ProductVersion "${VERSION}"
VIAddVersionKey FileVersion "${VERSION}"
VIAddVersionKey FileDescription "${NAME} installer"
VIAddVersionKey LegalCopyright "MIT License"

!define MUI_ICON "${ICON}"
!define MUI_UNICON "${ICON}"
!define MUI_ABORTWARNING
!insertmacro MUI_PAGE_WELCOME
!insertmacro MUI_PAGE_DIRECTORY
!insertmacro MUI_PAGE_COMPONENTS
!insertmacro MUI_PAGE_INSTFILES
!define MUI_FINISHPAGE_RUN "$INSTDIR\${PROGRAM}"
!insertmacro MUI_PAGE_FINISH
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_INSTFILES
!insertmacro MUI_LANGUAGE English
!insertmacro MUI_LANGUAGE SimpChinese

LangString TextProgram ${LANG_ENGLISH} "The program"
LangString TextProgram ${LANG_SIMPCHINESE} "程序"
LangString TextMenu ${LANG_ENGLISH} "Start menu entry"
LangString TextMenu ${LANG_SIMPCHINESE} "开始菜单项"
LangString TextOpenWith ${LANG_ENGLISH} "Offer under “Open with” for .pth .pt .ckpt .safetensors .bin"
LangString TextOpenWith ${LANG_SIMPCHINESE} "在 .pth .pt .ckpt .safetensors .bin 的“打开方式”中列出"
LangString TextDefault ${LANG_ENGLISH} "Open .pth .pt .ckpt .safetensors by double click"
LangString TextDefault ${LANG_SIMPCHINESE} "双击打开 .pth .pt .ckpt .safetensors"
LangString TextRunning ${LANG_ENGLISH} "${NAME} is running. Close it and try again."
LangString TextRunning ${LANG_SIMPCHINESE} "${NAME} 正在运行。请关闭后重试。"
LangString TextOld ${LANG_ENGLISH} "${NAME} needs 64-bit Windows 10 or later."
LangString TextOld ${LANG_SIMPCHINESE} "${NAME} 需要 64 位 Windows 10 或更高版本。"
LangString TextAdministrator ${LANG_ENGLISH} "Only an administrator can install for all users."
LangString TextAdministrator ${LANG_SIMPCHINESE} "只有管理员才能为所有用户安装。"
LangString TextType ${LANG_ENGLISH} "PyTorch checkpoint"
LangString TextType ${LANG_SIMPCHINESE} "PyTorch 检查点"

; --- per user or for all --------------------------------------------------------------------------------------

Var Scope ; "Admin": for all users; "User": for this one

Function ChooseScope
  SetRegView 64
  UserInfo::GetAccountType
  Pop $Scope
  ${GetParameters} $1
  ClearErrors
  ${GetOptions} $1 "/AllUsers" $2
  ${IfNot} ${Errors}
  ${AndIf} $Scope != "Admin"
    MessageBox MB_ICONSTOP "$(TextAdministrator)" /SD IDOK
    SetErrorLevel 5
    Quit
  ${EndIf}
  ClearErrors
  ${GetOptions} $1 "/CurrentUser" $2
  ${IfNot} ${Errors}
    StrCpy $Scope "User"
  ${EndIf}
  ${If} $Scope == "Admin"
    SetShellVarContext all
  ${Else}
    StrCpy $Scope "User"
    SetShellVarContext current
  ${EndIf}
FunctionEnd

Function .onInit
  ${IfNot} ${RunningX64}
  ${OrIfNot} ${AtLeastWin10}
    MessageBox MB_ICONSTOP "$(TextOld)" /SD IDOK
    SetErrorLevel 3
    Quit
  ${EndIf}
  Call ChooseScope
  ${If} $INSTDIR == ""
    ; An upgrade goes where the old version is.
    ReadRegStr $INSTDIR SHCTX "${KEY}" "InstallLocation"
  ${EndIf}
  ${If} $INSTDIR == ""
    ${If} $Scope == "Admin"
      StrCpy $INSTDIR "$PROGRAMFILES64\${NAME}"
    ${Else}
      StrCpy $INSTDIR "$LOCALAPPDATA\Programs\${NAME}"
    ${EndIf}
  ${EndIf}
  Call ChooseDoubleClick
FunctionEnd

Function un.onInit
  ; Whose list of programs names this folder, so that no flag is needed.
  SetRegView 64
  ReadRegStr $0 HKCU "${KEY}" "InstallLocation"
  ${If} $0 == $INSTDIR
    StrCpy $Scope "User"
    SetShellVarContext current
  ${Else}
    StrCpy $Scope "Admin"
    SetShellVarContext all
  ${EndIf}
FunctionEnd

; --- installing -----------------------------------------------------------------------------------------------

!macro OpenWith extension class
  WriteRegStr SHCTX "Software\Classes\.${extension}\OpenWithProgids" "${class}" ""
  WriteRegStr SHCTX "Software\Classes\Applications\${PROGRAM}\SupportedTypes" ".${extension}" ""
!macroend

!macro NotOpenWith extension class
  DeleteRegValue SHCTX "Software\Classes\.${extension}\OpenWithProgids" "${class}"
  DeleteRegKey /ifempty SHCTX "Software\Classes\.${extension}\OpenWithProgids"
  ; What a double click opened before is put back, unless somebody has chosen another program since.
  ReadRegStr $0 SHCTX "Software\Classes\.${extension}" ""
  ReadRegStr $1 SHCTX "Software\Classes\.${extension}" "${BEFORE}"
  ${If} $0 == "${class}"
    ${If} $1 == ""
      DeleteRegValue SHCTX "Software\Classes\.${extension}" ""
    ${Else}
      WriteRegStr SHCTX "Software\Classes\.${extension}" "" "$1"
    ${EndIf}
  ${EndIf}
  DeleteRegValue SHCTX "Software\Classes\.${extension}" "${BEFORE}"
  DeleteRegKey /ifempty SHCTX "Software\Classes\.${extension}"
!macroend

!macro DoubleClick extension class
  ReadRegStr $0 SHCTX "Software\Classes\.${extension}" ""
  ${If} $0 != "${class}"
    ${If} $0 != ""
      WriteRegStr SHCTX "Software\Classes\.${extension}" "${BEFORE}" "$0"
    ${EndIf}
    WriteRegStr SHCTX "Software\Classes\.${extension}" "" "${class}"
  ${EndIf}
!macroend

!macro Class name
  WriteRegStr SHCTX "Software\Classes\${name}" "" "$(TextType)"
  WriteRegStr SHCTX "Software\Classes\${name}\DefaultIcon" "" "$INSTDIR\${PROGRAM},0"
  WriteRegStr SHCTX "Software\Classes\${name}\shell\open\command" "" '"$INSTDIR\${PROGRAM}" "%1"'
!macroend

; A program that runs cannot be opened for writing.
!macro RefuseWhileRunning
  ${If} ${FileExists} "$INSTDIR\${PROGRAM}"
    ClearErrors
    FileOpen $0 "$INSTDIR\${PROGRAM}" a
    ${If} ${Errors}
      MessageBox MB_ICONSTOP "$(TextRunning)" /SD IDOK
      SetErrorLevel 4
      Quit
    ${EndIf}
    FileClose $0
  ${EndIf}
!macroend

Section "!$(TextProgram)" SectionProgram
  SectionIn RO
  ; The old version goes first.
  ${If} ${FileExists} "$INSTDIR\Uninstall.exe"
    !insertmacro RefuseWhileRunning
    RMDir /r "$INSTDIR\_internal"
  ${EndIf}
  SetOutPath "$INSTDIR"
  File /r "${PAYLOAD}/*"
  WriteUninstaller "$INSTDIR\Uninstall.exe"
  WriteRegStr SHCTX "${KEY}" "DisplayName" "${NAME}"
  WriteRegStr SHCTX "${KEY}" "DisplayVersion" "${VERSION}"
  WriteRegStr SHCTX "${KEY}" "DisplayIcon" "$INSTDIR\${PROGRAM}"
  WriteRegStr SHCTX "${KEY}" "Publisher" "The Ckpt Studio developers"
  WriteRegStr SHCTX "${KEY}" "InstallLocation" "$INSTDIR"
  WriteRegStr SHCTX "${KEY}" "UninstallString" '"$INSTDIR\Uninstall.exe"'
  WriteRegStr SHCTX "${KEY}" "QuietUninstallString" '"$INSTDIR\Uninstall.exe" /S'
  WriteRegDWORD SHCTX "${KEY}" "NoModify" 1
  WriteRegDWORD SHCTX "${KEY}" "NoRepair" 1
  ${GetSize} "$INSTDIR" "/S=0K" $0 $1 $2
  IntFmt $0 "0x%08X" $0
  WriteRegDWORD SHCTX "${KEY}" "EstimatedSize" "$0"
  WriteRegStr SHCTX "Software\Microsoft\Windows\CurrentVersion\App Paths\${PROGRAM}" "" "$INSTDIR\${PROGRAM}"
SectionEnd

Section "$(TextMenu)" SectionMenu
  CreateShortCut "$SMPROGRAMS\${NAME}.lnk" "$INSTDIR\${PROGRAM}"
SectionEnd

Section "$(TextOpenWith)" SectionOpenWith
  !insertmacro Class "${CLASS_PYTORCH}"
  !insertmacro Class "${CLASS_SAFETENSORS}"
  WriteRegStr SHCTX "Software\Classes\Applications\${PROGRAM}\shell\open\command" "" '"$INSTDIR\${PROGRAM}" "%1"'
  WriteRegStr SHCTX "Software\Classes\Applications\${PROGRAM}" "FriendlyAppName" "${NAME}"
  !insertmacro OpenWith pth "${CLASS_PYTORCH}"
  !insertmacro OpenWith pt "${CLASS_PYTORCH}"
  !insertmacro OpenWith ckpt "${CLASS_PYTORCH}"
  !insertmacro OpenWith bin "${CLASS_PYTORCH}"
  !insertmacro OpenWith safetensors "${CLASS_SAFETENSORS}"
  ${RefreshShellIcons}
SectionEnd

Section /o "$(TextDefault)" SectionDefault
  !insertmacro DoubleClick pth "${CLASS_PYTORCH}"
  !insertmacro DoubleClick pt "${CLASS_PYTORCH}"
  !insertmacro DoubleClick ckpt "${CLASS_PYTORCH}"
  !insertmacro DoubleClick safetensors "${CLASS_SAFETENSORS}"
  ${RefreshShellIcons}
SectionEnd

Function ChooseDoubleClick
  ${GetParameters} $1
  ClearErrors
  ${GetOptions} $1 "/DoubleClick" $2
  ${IfNot} ${Errors}
    !insertmacro SelectSection ${SectionDefault}
  ${EndIf}
FunctionEnd

; --- removing -------------------------------------------------------------------------------------------------

Section Uninstall
  !insertmacro RefuseWhileRunning
  !insertmacro NotOpenWith pth "${CLASS_PYTORCH}"
  !insertmacro NotOpenWith pt "${CLASS_PYTORCH}"
  !insertmacro NotOpenWith ckpt "${CLASS_PYTORCH}"
  !insertmacro NotOpenWith bin "${CLASS_PYTORCH}"
  !insertmacro NotOpenWith safetensors "${CLASS_SAFETENSORS}"
  DeleteRegKey SHCTX "Software\Classes\${CLASS_PYTORCH}"
  DeleteRegKey SHCTX "Software\Classes\${CLASS_SAFETENSORS}"
  DeleteRegKey SHCTX "Software\Classes\Applications\${PROGRAM}"
  DeleteRegKey SHCTX "Software\Microsoft\Windows\CurrentVersion\App Paths\${PROGRAM}"
  DeleteRegKey SHCTX "${KEY}"
  Delete "$SMPROGRAMS\${NAME}.lnk"
  ; Only what was installed: a folder chosen by hand may hold other things.
  RMDir /r "$INSTDIR\_internal"
  Delete "$INSTDIR\${PROGRAM}"
  Delete "$INSTDIR\LICENSE"
  Delete "$INSTDIR\Uninstall.exe"
  RMDir "$INSTDIR"
  ; Installed per user, nothing of the program stays; other users' settings are theirs.
  ${If} $Scope == "User"
    RMDir /r "$APPDATA\ckpt-studio"
    RMDir /r "$LOCALAPPDATA\ckpt-studio"
    RMDir /r "$LOCALAPPDATA\cache\ckpt-studio"
    RMDir "$LOCALAPPDATA\cache"
  ${EndIf}
  ${RefreshShellIcons}
SectionEnd
