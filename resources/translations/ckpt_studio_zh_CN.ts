<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="zh_CN" sourcelanguage="en_US">
<context>
    <name>AboutDialog</name>
    <message>
        <source>About Ckpt Studio</source>
        <translation>关于 Ckpt Studio</translation>
    </message>
    <message>
        <source>Ckpt Studio {version}</source>
        <translation>Ckpt Studio {version}</translation>
    </message>
    <message>
        <source>Look into PyTorch checkpoints, repair their names and shapes against a model, and save the result.

Opening a file never runs code from it. Nothing is written until you export or save.

Free software under the MIT licence. Made with Qt (PySide6, LGPL).</source>
        <translation>查看 PyTorch 检查点，对照模型修复其中的名称和形状，并保存结果。

打开文件时绝不会运行其中的代码。在您导出或保存之前，不会写入任何内容。

本程序是采用 MIT 许可证的自由软件，使用 Qt（PySide6，LGPL）构建。</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
</context>
<context>
    <name>ActionDelegate</name>
    <message>
        <source>Pop</source>
        <translation>移除</translation>
    </message>
    <message>
        <source>Choose…</source>
        <translation>选择…</translation>
    </message>
</context>
<context>
    <name>Actions</name>
    <message>
        <source>&amp;Open…</source>
        <translation>打开(&amp;O)…</translation>
    </message>
    <message>
        <source>Open a checkpoint; no code in it is run</source>
        <translation>打开检查点；不会运行其中的任何代码</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>打开</translation>
    </message>
    <message>
        <source>Open &amp;folder…</source>
        <translation>打开文件夹(&amp;F)…</translation>
    </message>
    <message>
        <source>See what the checkpoints of a folder are, and convert many at once</source>
        <translation>查看文件夹中有哪些检查点，并一次转换多个</translation>
    </message>
    <message>
        <source>Open the &amp;sample</source>
        <translation>打开示例(&amp;S)</translation>
    </message>
    <message>
        <source>A small checkpoint to try everything on</source>
        <translation>一个小检查点，可以用来试验各种功能</translation>
    </message>
    <message>
        <source>&amp;Export…</source>
        <translation>导出(&amp;E)…</translation>
    </message>
    <message>
        <source>Write the result to a new file; the opened file stays as it is</source>
        <translation>把结果写入新文件；打开的文件保持不变</translation>
    </message>
    <message>
        <source>Re&amp;load from disk</source>
        <translation>从磁盘重新读取(&amp;L)</translation>
    </message>
    <message>
        <source>Read the file again; pending changes are dropped</source>
        <translation>重新读取文件；尚未导出的更改会丢失</translation>
    </message>
    <message>
        <source>&amp;Close</source>
        <translation>关闭(&amp;C)</translation>
    </message>
    <message>
        <source>Close this file</source>
        <translation>关闭这个文件</translation>
    </message>
    <message>
        <source>&amp;Quit</source>
        <translation>退出(&amp;Q)</translation>
    </message>
    <message>
        <source>Close all files and leave</source>
        <translation>关闭所有文件并退出</translation>
    </message>
    <message>
        <source>Reopen files at s&amp;tart</source>
        <translation>启动时重新打开文件(&amp;T)</translation>
    </message>
    <message>
        <source>Open the files again at the next start that are open when you quit</source>
        <translation>下次启动时重新打开退出时打开着的文件</translation>
    </message>
    <message>
        <source>&amp;Undo</source>
        <translation>撤销(&amp;U)</translation>
    </message>
    <message>
        <source>Take the last change back</source>
        <translation>撤销上一次更改</translation>
    </message>
    <message>
        <source>&amp;Redo</source>
        <translation>重做(&amp;R)</translation>
    </message>
    <message>
        <source>Make the change again that was taken back</source>
        <translation>恢复刚才撤销的更改</translation>
    </message>
    <message>
        <source>Copy changes as Pyt&amp;hon</source>
        <translation>将更改复制为 Python 代码(&amp;H)</translation>
    </message>
    <message>
        <source>Reci&amp;pe…</source>
        <translation>配方(&amp;P)…</translation>
    </message>
    <message>
        <source>Rename in p&amp;lace</source>
        <translation>就地重命名(&amp;L)</translation>
    </message>
    <message>
        <source>Update &amp;from…</source>
        <translation>从其他文件更新(&amp;F)…</translation>
    </message>
    <message>
        <source>Keep only &amp;what is selected</source>
        <translation>只保留选中项(&amp;W)</translation>
    </message>
    <message>
        <source>&amp;Metadata…</source>
        <translation>元数据(&amp;M)…</translation>
    </message>
    <message>
        <source>Paste &amp;below this group</source>
        <translation>粘贴到此分组下(&amp;B)</translation>
    </message>
    <message>
        <source>Collapse &amp;all</source>
        <translation>全部折叠(&amp;A)</translation>
    </message>
    <message>
        <source>F&amp;ilter names</source>
        <translation>筛选名称(&amp;I)</translation>
    </message>
    <message>
        <source>&amp;Another checkpoint…</source>
        <translation>另一个检查点(&amp;A)…</translation>
    </message>
    <message>
        <source>S&amp;maller text</source>
        <translation>缩小文字(&amp;M)</translation>
    </message>
    <message>
        <source>Copy a script of plain PyTorch that makes the same changes</source>
        <translation>复制一段纯 PyTorch 脚本，它会做出同样的更改</translation>
    </message>
    <message>
        <source>Save selected te&amp;nsors…</source>
        <translation>保存选中的张量(&amp;N)…</translation>
    </message>
    <message>
        <source>Write the selected tensors alone: as arrays, as tables or as a small checkpoint</source>
        <translation>只写出选中的张量：数组、表格，或一个小检查点</translation>
    </message>
    <message>
        <source>Write changes down as steps, change them, apply them to this file or to many</source>
        <translation>把更改写成步骤，加以修改，并应用到此文件或许多文件</translation>
    </message>
    <message>
        <source>Type the new name of a tensor or group, or another value, in the tree</source>
        <translation>直接在树中输入张量或分组的新名称，或其他内容的新值</translation>
    </message>
    <message>
        <source>Re&amp;name…</source>
        <translation>重命名(&amp;N)…</translation>
    </message>
    <message>
        <source>Give the selected tensor or group another name, wherever it shall be</source>
        <translation>给选中的张量或分组另取名称，可以移到任何位置</translation>
    </message>
    <message>
        <source>&amp;Strip prefix…</source>
        <translation>去除前缀(&amp;S)…</translation>
    </message>
    <message>
        <source>Take “module.” or another beginning off all names</source>
        <translation>从所有名称中去掉“module.”之类的开头</translation>
    </message>
    <message>
        <source>Strip prefix</source>
        <translation>去除前缀</translation>
    </message>
    <message>
        <source>&amp;Add prefix…</source>
        <translation>添加前缀(&amp;A)…</translation>
    </message>
    <message>
        <source>Put a beginning before the selected names, or before all</source>
        <translation>在选中的名称（或所有名称）前加上一段开头</translation>
    </message>
    <message>
        <source>Rename by &amp;pattern…</source>
        <translation>按模式重命名(&amp;P)…</translation>
    </message>
    <message>
        <source>One line for every layer: “layers.{n}” becomes “blocks.{n}”, with a preview</source>
        <translation>一行搞定所有层：“layers.{n}”变为“blocks.{n}”，并可预览</translation>
    </message>
    <message>
        <source>Rename by regular e&amp;xpression…</source>
        <translation>按正则表达式重命名(&amp;X)…</translation>
    </message>
    <message>
        <source>Replace a part of many names by Python&apos;s patterns, with a preview</source>
        <translation>用 Python 正则表达式替换许多名称中的一部分，并可预览</translation>
    </message>
    <message>
        <source>Spl&amp;it…</source>
        <translation>拆分(&amp;I)…</translation>
    </message>
    <message>
        <source>Make several tensors of one, for example q, k and v of a fused qkv</source>
        <translation>把一个张量变为多个，例如把合并的 qkv 拆成 q、k、v</translation>
    </message>
    <message>
        <source>&amp;Join…</source>
        <translation>合并(&amp;J)…</translation>
    </message>
    <message>
        <source>Make one tensor of the selected ones, for example a fused qkv of q, k and v</source>
        <translation>把选中的张量合并为一个，例如把 q、k、v 合并为 qkv</translation>
    </message>
    <message>
        <source>&amp;Differences to another checkpoint…</source>
        <translation>与另一个检查点的差异(&amp;D)…</translation>
    </message>
    <message>
        <source>Compare two files value by value: what moved, and how far</source>
        <translation>逐个值地比较两个文件：哪些变了，变了多少</translation>
    </message>
    <message>
        <source>Take tensors from another checkpoint: add what is missing, replace the rest</source>
        <translation>从另一个检查点取用张量：添加缺少的，替换其余的</translation>
    </message>
    <message>
        <source>P&amp;op</source>
        <translation>移除(&amp;O)</translation>
    </message>
    <message>
        <source>Leave out the selected tensors and other contents</source>
        <translation>不再保留选中的张量和其他内容</translation>
    </message>
    <message>
        <source>Pop or &amp;keep by pattern…</source>
        <translation>按模式移除或保留(&amp;K)…</translation>
    </message>
    <message>
        <source>Remove, or keep only, the names that fit “*.num_batches_tracked” or the like</source>
        <translation>移除（或只保留）符合“*.num_batches_tracked”之类模式的名称</translation>
    </message>
    <message>
        <source>Remove every tensor that is not selected</source>
        <translation>移除所有未选中的张量</translation>
    </message>
    <message>
        <source>&amp;Cast…</source>
        <translation>转换类型(&amp;C)…</translation>
    </message>
    <message>
        <source>Convert to another number format, for example float16 at half the size</source>
        <translation>转换为另一种数值格式，例如 float16，大小减半</translation>
    </message>
    <message>
        <source>Cast</source>
        <translation>转换类型</translation>
    </message>
    <message>
        <source>Recorded &amp;device…</source>
        <translation>记录的设备(&amp;D)…</translation>
    </message>
    <message>
        <source>Change where the file says its tensors were, for example “cuda:0” to “cpu”</source>
        <translation>更改文件中记录的张量所在设备，例如把“cuda:0”改为“cpu”</translation>
    </message>
    <message>
        <source>Add or change a note that safetensors files carry</source>
        <translation>添加或更改 safetensors 文件附带的说明</translation>
    </message>
    <message>
        <source>Cu&amp;t names</source>
        <translation>剪切名称(&amp;T)</translation>
    </message>
    <message>
        <source>Take these names, to move them under another group by pasting</source>
        <translation>剪切这些名称，以便粘贴到另一个分组之下</translation>
    </message>
    <message>
        <source>Cop&amp;y names</source>
        <translation>复制名称(&amp;Y)</translation>
    </message>
    <message>
        <source>Copy the selected names as text</source>
        <translation>把选中的名称复制为文本</translation>
    </message>
    <message>
        <source>Move the names that were cut under the current group</source>
        <translation>把剪切的名称移到当前分组之下</translation>
    </message>
    <message>
        <source>&amp;Make active</source>
        <translation>设为当前状态字典(&amp;M)</translation>
    </message>
    <message>
        <source>Work on this state dict from now on</source>
        <translation>从现在起编辑这个状态字典</translation>
    </message>
    <message>
        <source>E&amp;xpand below</source>
        <translation>展开下级(&amp;X)</translation>
    </message>
    <message>
        <source>Open the groups below the current row</source>
        <translation>展开当前行之下的所有分组</translation>
    </message>
    <message>
        <source>Close all groups</source>
        <translation>折叠所有分组</translation>
    </message>
    <message>
        <source>Show only the names that contain a text, or a dtype, shape, device or size</source>
        <translation>只显示包含指定文字的名称，或指定的数据类型、形状、设备、大小</translation>
    </message>
    <message>
        <source>&amp;Go to name…</source>
        <translation>转到名称(&amp;G)…</translation>
    </message>
    <message>
        <source>Type a few letters of a name and jump to it</source>
        <translation>输入名称中的几个字母即可跳转</translation>
    </message>
    <message>
        <source>Book&amp;mark</source>
        <translation>加书签(&amp;M)</translation>
    </message>
    <message>
        <source>Mark this name to come back to it; once more takes the mark away</source>
        <translation>给这个名称加书签，方便以后回来；再按一次取消书签</translation>
    </message>
    <message>
        <source>&amp;Next bookmark</source>
        <translation>下一个书签(&amp;N)</translation>
    </message>
    <message>
        <source>Go to the next name that is marked</source>
        <translation>转到下一个加了书签的名称</translation>
    </message>
    <message>
        <source>&amp;Previous bookmark</source>
        <translation>上一个书签(&amp;P)</translation>
    </message>
    <message>
        <source>Go back to the marked name before this one</source>
        <translation>回到上一个加了书签的名称</translation>
    </message>
    <message>
        <source>Next NaN or &amp;infinite value</source>
        <translation>下一个 NaN 或无穷值(&amp;I)</translation>
    </message>
    <message>
        <source>Show the next NaN or infinite value of the selected tensor in the table</source>
        <translation>在表格中显示所选张量的下一个 NaN 或无穷值</translation>
    </message>
    <message>
        <source>Pre&amp;vious NaN or infinite value</source>
        <translation>上一个 NaN 或无穷值(&amp;V)</translation>
    </message>
    <message>
        <source>Show the NaN or infinite value before this one</source>
        <translation>显示此处之前的 NaN 或无穷值</translation>
    </message>
    <message>
        <source>&amp;Compare with…</source>
        <translation>与模型比较(&amp;C)…</translation>
    </message>
    <message>
        <source>Choose the model that shall load these weights</source>
        <translation>选择要加载这些权重的模型</translation>
    </message>
    <message>
        <source>Compare with…</source>
        <translation>与模型比较…</translation>
    </message>
    <message>
        <source>A &amp;torchvision model…</source>
        <translation>torchvision 模型(&amp;T)…</translation>
    </message>
    <message>
        <source>Choose one of torchvision&apos;s models by name</source>
        <translation>按名称选择一个 torchvision 模型</translation>
    </message>
    <message>
        <source>A class in a &amp;Python file…</source>
        <translation>Python 文件中的类(&amp;P)…</translation>
    </message>
    <message>
        <source>Choose your own model class or function</source>
        <translation>选择您自己的模型类或函数</translation>
    </message>
    <message>
        <source>An &amp;installed module…</source>
        <translation>已安装的模块(&amp;I)…</translation>
    </message>
    <message>
        <source>Choose a model of timm, transformers or your own package</source>
        <translation>选择 timm、transformers 或您自己的软件包中的模型</translation>
    </message>
    <message>
        <source>Compare names and shapes with another file</source>
        <translation>与另一个文件比较名称和形状</translation>
    </message>
    <message>
        <source>&amp;Stop comparing</source>
        <translation>停止比较(&amp;S)</translation>
    </message>
    <message>
        <source>Show the file without a model beside it</source>
        <translation>只显示文件，旁边不显示模型</translation>
    </message>
    <message>
        <source>&amp;Order of the file</source>
        <translation>按文件中的顺序(&amp;O)</translation>
    </message>
    <message>
        <source>Show the names as the file lists them</source>
        <translation>按文件中列出的顺序显示名称</translation>
    </message>
    <message>
        <source>&amp;Sorted by name</source>
        <translation>按名称排序(&amp;S)</translation>
    </message>
    <message>
        <source>Sort the names, numbers by their value</source>
        <translation>按名称排序，其中的数字按大小排列</translation>
    </message>
    <message>
        <source>&amp;Larger text</source>
        <translation>放大文字(&amp;L)</translation>
    </message>
    <message>
        <source>Make all text of the window larger</source>
        <translation>放大窗口中的所有文字</translation>
    </message>
    <message>
        <source>Make all text of the window smaller</source>
        <translation>缩小窗口中的所有文字</translation>
    </message>
    <message>
        <source>&amp;Usual text size</source>
        <translation>默认文字大小(&amp;U)</translation>
    </message>
    <message>
        <source>Show text in the size that the system asks for</source>
        <translation>按系统要求的大小显示文字</translation>
    </message>
    <message>
        <source>Copy &amp;diagnostic report</source>
        <translation>复制诊断报告(&amp;D)</translation>
    </message>
    <message>
        <source>Versions, system and the program&apos;s last notes, to send to the makers; nothing from your files</source>
        <translation>版本、系统和程序最近的记录，可以发送给开发者；不包含您文件中的任何内容</translation>
    </message>
    <message>
        <source>Prefere&amp;nces…</source>
        <translation>首选项(&amp;N)…</translation>
    </message>
    <message>
        <source>Language, colours, text size, recent files, and the Python that builds your models</source>
        <translation>语言、颜色、文字大小、最近的文件，以及用来构建模型的 Python</translation>
    </message>
    <message>
        <source>&amp;About Ckpt Studio</source>
        <translation>关于 Ckpt Studio(&amp;A)</translation>
    </message>
    <message>
        <source>Version and licence</source>
        <translation>版本和许可证</translation>
    </message>
    <message>
        <source>User &amp;guide</source>
        <translation>使用指南(&amp;G)</translation>
    </message>
    <message>
        <source>How to look, repair, compare and export</source>
        <translation>如何查看、修复、比较和导出</translation>
    </message>
    <message>
        <source>Guided &amp;tour</source>
        <translation>新手导览(&amp;T)</translation>
    </message>
    <message>
        <source>Three minutes on the sample: what everything is for, step by step</source>
        <translation>用示例文件，三分钟一步步看懂每样东西的用处</translation>
    </message>
    <message>
        <source>&amp;Keyboard shortcuts</source>
        <translation>键盘快捷键(&amp;K)</translation>
    </message>
    <message>
        <source>All keys on one page</source>
        <translation>在一页中列出所有快捷键</translation>
    </message>
</context>
<context>
    <name>AddPrefixDialog</name>
    <message>
        <source>Add prefix</source>
        <translation>添加前缀</translation>
    </message>
    <message>
        <source>What should all names begin with?</source>
        <translation>要让所有名称以什么开头？</translation>
    </message>
    <message>
        <source>What should the selected name begin with?</source>
        <translation>要让选中的名称以什么开头？</translation>
    </message>
    <message>
        <source>What should the {count} selected names begin with?</source>
        <translation>要让选中的 {count} 个名称以什么开头？</translation>
    </message>
    <message>
        <source>For example “module.” for a model wrapped in DataParallel, or “backbone.” for part of a bigger model.</source>
        <translation>例如，用 DataParallel 包装的模型用“module.”，作为更大模型一部分时用“backbone.”。</translation>
    </message>
    <message>
        <source>Prefix</source>
        <translation>前缀</translation>
    </message>
    <message>
        <source>&amp;Prefix</source>
        <translation>前缀(&amp;P)</translation>
    </message>
    <message>
        <source>Type the prefix, with its dot.</source>
        <translation>请输入前缀，包括末尾的点。</translation>
    </message>
    <message>
        <source>Add “{prefix}” to 1 name</source>
        <translation>给 1 个名称加上“{prefix}”</translation>
    </message>
    <message>
        <source>Add “{prefix}” to {count} names</source>
        <translation>给 {count} 个名称加上“{prefix}”</translation>
    </message>
</context>
<context>
    <name>AlignDialog</name>
    <message>
        <source>Match names automatically</source>
        <translation>自动匹配名称</translation>
    </message>
    <message>
        <source>Give the tensors the names of {model}?</source>
        <translation>要让张量改用 {model} 的名称吗？</translation>
    </message>
    <message>
        <source>Matching…</source>
        <translation>自动匹配…</translation>
    </message>
    <message>
        <source>Matching</source>
        <translation>自动匹配</translation>
    </message>
    <message>
        <source>The layers of both sides were matched by their shapes, their order and their names. Each line is a rule; open it to see its tensors. What has no tick keeps its name. To correct a pair, drop the right tensor on its row, or press Return there and choose.</source>
        <translation>已按形状、顺序和名称匹配两边的层。每一行是一条规则，展开后可以看到其中的张量。未勾选的张量保留原名。要更正某一对，请把正确的张量拖放到那一行上，或在那一行按回车键进行选择。</translation>
    </message>
    <message>
        <source>Doubtful rules</source>
        <translation>没有把握的规则</translation>
    </message>
    <message>
        <source>They are &amp;right</source>
        <translation>没有问题(&amp;R)</translation>
    </message>
    <message>
        <source>&amp;Leave them out</source>
        <translation>全部略过(&amp;L)</translation>
    </message>
    <message>
        <source>&amp;Choose another tensor…</source>
        <translation>选择另一个张量(&amp;C)…</translation>
    </message>
    <message>
        <source>For the chosen row: another tensor of the file (Return)</source>
        <translation>针对所选的行：改用文件中的另一个张量（回车键）</translation>
    </message>
    <message>
        <source>Show only the &amp;doubtful rules</source>
        <translation>只显示没有把握的规则(&amp;D)</translation>
    </message>
    <message>
        <source>Matching names</source>
        <translation>正在匹配名称</translation>
    </message>
    <message>
        <source>Names of the model without a partner</source>
        <translation>模型中没有对应张量的名称</translation>
    </message>
    <message>
        <source>Show only the &amp;doubtful rules ({count})</source>
        <translation>只显示没有把握的规则(&amp;D)（{count} 条）</translation>
    </message>
    <message>
        <source>{paired} of {expected} names of the model have a partner; {changed} change.</source>
        <translation>模型的 {expected} 个名称中有 {paired} 个找到了对应的张量；{changed} 个名称会改变。</translation>
    </message>
    <message>
        <source>1 rule is doubtful: other tensors would fit as well. Look at it: is it right?</source>
        <translation>有 1 条规则没有把握：其他张量也同样适合。请查看：它对吗？</translation>
    </message>
    <message>
        <source>{count} rules are doubtful: other tensors would fit as well. Look at them: are they right?</source>
        <translation>有 {count} 条规则没有把握：其他张量也同样适合。请查看：它们对吗？</translation>
    </message>
    <message>
        <source>For example: {old} becomes {new}</source>
        <translation>例如：{old} 变为 {new}</translation>
    </message>
    <message>
        <source>{n} and other letters in braces stand for numbers, * for the end of the name.</source>
        <translation>花括号中的 {n} 等字母代表数字，* 代表名称的其余部分。</translation>
    </message>
    <message>
        <source>split: rows {first} to {last}</source>
        <translation>拆分：第 {first} 至 {last} 行</translation>
    </message>
    <message>
        <source>split: columns {first} to {last}</source>
        <translation>拆分：第 {first} 至 {last} 列</translation>
    </message>
    <message>
        <source>{count} joined</source>
        <translation>由 {count} 个拼接</translation>
    </message>
    <message>
        <source>transposed</source>
        <translation>转置</translation>
    </message>
    <message>
        <source>reshaped to {shape}</source>
        <translation>形状改为 {shape}</translation>
    </message>
    <message>
        <source>Tensors of the file without a partner</source>
        <translation>文件中没有对应名称的张量</translation>
    </message>
    <message>
        <source>They are a pair already.</source>
        <translation>它们已经是一对了。</translation>
    </message>
    <message>
        <source>“{source}” has the shape {here}; “{target}” needs {wanted}.</source>
        <translation>“{source}”的形状是 {here}；“{target}”需要 {wanted}。</translation>
    </message>
    <message>
        <source>{source} → {target}</source>
        <translation>{source} → {target}</translation>
    </message>
    <message>
        <source>(now for “{name}”)</source>
        <translation>（现在用于“{name}”）</translation>
    </message>
    <message>
        <source>Matching the names…</source>
        <translation>正在匹配名称…</translation>
    </message>
    <message>
        <source>No mapping was found.</source>
        <translation>没有找到对应关系。</translation>
    </message>
    <message>
        <source>No name would change.</source>
        <translation>没有名称会改变。</translation>
    </message>
    <message>
        <source>Map</source>
        <translation>应用匹配</translation>
    </message>
    <message>
        <source>Map 1 tensor</source>
        <translation>匹配 1 个张量</translation>
    </message>
    <message>
        <source>Map {count} tensors</source>
        <translation>匹配 {count} 个张量</translation>
    </message>
    <message>
        <source>Popped, because other tensors need their names: {names}</source>
        <translation>因名称要让给其他张量而移除：{names}</translation>
    </message>
    <message>
        <source>&amp;Exchange them all</source>
        <translation>全部交换(&amp;E)</translation>
    </message>
    <message>
        <source>&amp;Only this one</source>
        <translation>仅此一对(&amp;O)</translation>
    </message>
    <message>
        <source>You corrected a pair. 1 other pair of the same two rules could be exchanged likewise.</source>
        <translation>您更正了一对。这两条规则中还有 1 对可以同样交换。</translation>
    </message>
    <message>
        <source>You corrected a pair. {count} other pairs of the same two rules could be exchanged likewise.</source>
        <translation>您更正了一对。这两条规则中还有 {count} 对可以同样交换。</translation>
    </message>
    <message>
        <source>looked at and found right</source>
        <translation>已查看并确认无误</translation>
    </message>
    <message>
        <source>corrected by you</source>
        <translation>已由您更正</translation>
    </message>
</context>
<context>
    <name>ArgumentsForm</name>
    <message>
        <source>The last layer of this file has 1 output.</source>
        <translation>这个文件的最后一层有 1 个输出。</translation>
    </message>
    <message>
        <source>The last layer of this file has {count} outputs.</source>
        <translation>这个文件的最后一层有 {count} 个输出。</translation>
    </message>
    <message>
        <source>More arguments</source>
        <translation>更多参数</translation>
    </message>
    <message>
        <source>for example: width=2, act=&apos;gelu&apos;</source>
        <translation>例如：width=2, act=&apos;gelu&apos;</translation>
    </message>
    <message>
        <source>more</source>
        <translation>更多</translation>
    </message>
    <message>
        <source>must be given: a number, &apos;text&apos;, True, None, (1, 2) …</source>
        <translation>必须填写：数字、&apos;文本&apos;、True、None、(1, 2) …</translation>
    </message>
    <message>
        <source>“{name}” must be given.</source>
        <translation>必须填写“{name}”。</translation>
    </message>
</context>
<context>
    <name>AskDialog</name>
    <message>
        <source>Message</source>
        <translation>消息</translation>
    </message>
    <message>
        <source>Details</source>
        <translation>详细信息</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>&amp;Details</source>
        <translation>详细信息(&amp;D)</translation>
    </message>
    <message>
        <source>Something is still being written here. Wait for it, or stop it, then quit.</source>
        <translation>这里仍在写入。请等待完成，或停止写入，然后再退出。</translation>
    </message>
</context>
<context>
    <name>AxisPicker</name>
    <message>
        <source>Axis shown as rows</source>
        <translation>按行显示的轴</translation>
    </message>
    <message>
        <source>Axis shown as columns</source>
        <translation>按列显示的轴</translation>
    </message>
    <message>
        <source>The axis whose indices run downwards</source>
        <translation>索引从上到下排列的轴</translation>
    </message>
    <message>
        <source>The axis whose indices run to the right</source>
        <translation>索引从左到右排列的轴</translation>
    </message>
    <message>
        <source>Rows</source>
        <translation>行</translation>
    </message>
    <message>
        <source>Columns</source>
        <translation>列</translation>
    </message>
    <message>
        <source>axis {axis} ({size})</source>
        <translation>轴 {axis}（{size}）</translation>
    </message>
    <message>
        <source>Index of axis {axis}</source>
        <translation>轴 {axis} 的索引</translation>
    </message>
    <message>
        <source>Which of the {size} slices along axis {axis}</source>
        <translation>沿轴 {axis} 的 {size} 个切片中的哪一个</translation>
    </message>
    <message>
        <source>Axis {axis}</source>
        <translation>轴 {axis}</translation>
    </message>
</context>
<context>
    <name>BatchDialog</name>
    <message>
        <source>Convert many files</source>
        <translation>转换多个文件</translation>
    </message>
    <message>
        <source>What shall be done with this file?</source>
        <translation>要对这个文件做什么？</translation>
    </message>
    <message>
        <source>What shall be done with these {count} files?</source>
        <translation>要对这 {count} 个文件做什么？</translation>
    </message>
    <message>
        <source>The files themselves stay as they are; the results are new files in the folder below.</source>
        <translation>原来的文件保持不变；结果会作为新文件写入下面的文件夹。</translation>
    </message>
    <message>
        <source>Folder for the results</source>
        <translation>存放结果的文件夹</translation>
    </message>
    <message>
        <source>Recipe</source>
        <translation>配方</translation>
    </message>
    <message>
        <source>Format</source>
        <translation>格式</translation>
    </message>
    <message>
        <source>As each file is</source>
        <translation>与各个文件相同</translation>
    </message>
    <message>
        <source>Safetensors (.safetensors)</source>
        <translation>safetensors (.safetensors)</translation>
    </message>
    <message>
        <source>PyTorch (.pth)</source>
        <translation>PyTorch (.pth)</translation>
    </message>
    <message>
        <source>PyTorch before 1.6 (.pth)</source>
        <translation>1.6 之前的 PyTorch (.pth)</translation>
    </message>
    <message>
        <source>Number type</source>
        <translation>数据类型</translation>
    </message>
    <message>
        <source>As they are</source>
        <translation>保持不变</translation>
    </message>
    <message>
        <source>&amp;Weights only, without optimizer, epoch and the like</source>
        <translation>仅权重，不含优化器、轮次等(&amp;W)</translation>
    </message>
    <message>
        <source>Leave out changes of the recipe that do not &amp;fit a file</source>
        <translation>略过配方中不适用于某个文件的更改(&amp;F)</translation>
    </message>
    <message>
        <source>&amp;Replace files that are in the folder already</source>
        <translation>替换文件夹中已有的文件(&amp;R)</translation>
    </message>
    <message>
        <source>Write &amp;into</source>
        <translation>写入到(&amp;I)</translation>
    </message>
    <message>
        <source>Re&amp;cipe</source>
        <translation>配方(&amp;C)</translation>
    </message>
    <message>
        <source>F&amp;ormat</source>
        <translation>格式(&amp;O)</translation>
    </message>
    <message>
        <source>&amp;Numbers</source>
        <translation>数值(&amp;N)</translation>
    </message>
    <message>
        <source>Progress</source>
        <translation>进度</translation>
    </message>
    <message>
        <source>What became of each file</source>
        <translation>各个文件的结果</translation>
    </message>
    <message>
        <source>File</source>
        <translation>文件</translation>
    </message>
    <message>
        <source>Result</source>
        <translation>结果</translation>
    </message>
    <message>
        <source>Copy the &amp;report</source>
        <translation>复制报告(&amp;R)</translation>
    </message>
    <message>
        <source>Choose…</source>
        <translation>选择…</translation>
    </message>
    <message>
        <source>Convert 1 file</source>
        <translation>转换 1 个文件</translation>
    </message>
    <message>
        <source>Convert {count} files</source>
        <translation>转换 {count} 个文件</translation>
    </message>
    <message>
        <source>The files are being written.</source>
        <translation>正在写入文件。</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>停止</translation>
    </message>
    <message>
        <source>Converting</source>
        <translation>正在转换</translation>
    </message>
    <message>
        <source>Stopped. The files below are done; the others are not.</source>
        <translation>已停止。下列文件已完成，其余的没有完成。</translation>
    </message>
    <message>
        <source>{name}, {size}</source>
        <translation>{name}，{size}</translation>
    </message>
    <message>
        <source>What became of the files</source>
        <translation>各个文件的结果</translation>
    </message>
    <message>
        <source>1 file was written.</source>
        <translation>已写入 1 个文件。</translation>
    </message>
    <message>
        <source>{count} files were written.</source>
        <translation>已写入 {count} 个文件。</translation>
    </message>
    <message>
        <source>1 could not be.</source>
        <translation>1 个未能写入。</translation>
    </message>
    <message>
        <source>{count} could not be.</source>
        <translation>{count} 个未能写入。</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
    <message>
        <source>Choose a recipe</source>
        <translation>选择配方</translation>
    </message>
    <message>
        <source>Recipes (*.json)</source>
        <translation>配方 (*.json)</translation>
    </message>
    <message>
        <source>All files (*)</source>
        <translation>所有文件 (*)</translation>
    </message>
    <message>
        <source>none; recipes are saved in the History pane</source>
        <translation>无；配方在“历史”窗格中保存</translation>
    </message>
</context>
<context>
    <name>BookmarksMenu</name>
    <message>
        <source>&amp;Bookmarks</source>
        <translation>书签(&amp;B)</translation>
    </message>
    <message>
        <source>{group}, a group</source>
        <translation>{group}（组）</translation>
    </message>
    <message>
        <source>No bookmarks yet: select a name and press Ctrl+D</source>
        <translation>还没有书签：选中一个名称后按 Ctrl+D</translation>
    </message>
    <message>
        <source>and {count} more</source>
        <translation>还有 {count} 项</translation>
    </message>
    <message>
        <source>&amp;Remove all bookmarks</source>
        <translation>清除所有书签(&amp;R)</translation>
    </message>
</context>
<context>
    <name>BytesModel</name>
    <message>
        <source>Bytes</source>
        <translation>字节</translation>
    </message>
    <message>
        <source>As letters</source>
        <translation>字符</translation>
    </message>
</context>
<context>
    <name>BytesPage</name>
    <message>
        <source>Stored bytes</source>
        <translation>存储的字节</translation>
    </message>
    <message>
        <source>The tensor&apos;s values lie scattered in this stretch of its storage.</source>
        <translation>这个张量的值分散在存储块的这一段中。</translation>
    </message>
</context>
<context>
    <name>Callout</name>
    <message>
        <source>End the tour (Esc)</source>
        <translation>结束导览 (Esc)</translation>
    </message>
    <message>
        <source>&amp;Back</source>
        <translation>上一步(&amp;B)</translation>
    </message>
    <message>
        <source>&amp;Next</source>
        <translation>下一步(&amp;N)</translation>
    </message>
    <message>
        <source>Enter or Alt+N: next.   Esc: end the tour.</source>
        <translation>Enter 或 Alt+N：下一步   Esc：结束导览</translation>
    </message>
    <message>
        <source>Alt+N: next.</source>
        <translation>Alt+N：下一步。</translation>
    </message>
</context>
<context>
    <name>CastDialog</name>
    <message>
        <source>Convert numbers</source>
        <translation>转换数据类型</translation>
    </message>
    <message>
        <source>Which type should the numbers have?</source>
        <translation>要把数值转换为哪种类型？</translation>
    </message>
    <message>
        <source>Which type should the numbers of the selected tensor have?</source>
        <translation>要把选中张量的数值转换为哪种类型？</translation>
    </message>
    <message>
        <source>Which type should the numbers of the {count} selected tensors have?</source>
        <translation>要把选中的 {count} 个张量的数值转换为哪种类型？</translation>
    </message>
    <message>
        <source>Now: {types}. Whole-number counters keep their type when a floating-point type is chosen.</source>
        <translation>当前：{types}。选择浮点类型时，整数计数器保持原来的类型。</translation>
    </message>
    <message>
        <source>Number type</source>
        <translation>数据类型</translation>
    </message>
    <message>
        <source>Looking for values that are too large</source>
        <translation>正在查找过大的值</translation>
    </message>
    <message>
        <source>&amp;Skip</source>
        <translation>跳过(&amp;S)</translation>
    </message>
    <message>
        <source>Does not look through the values.</source>
        <translation>不检查这些值。</translation>
    </message>
    <message>
        <source>&amp;Type</source>
        <translation>类型(&amp;T)</translation>
    </message>
    <message>
        <source>4 bytes a number, 7 digits: what models are usually trained in.</source>
        <translation>每个数 4 字节，7 位有效数字：训练模型时通常使用的类型。</translation>
    </message>
    <message>
        <source>2 bytes a number, 3 digits, nothing above 65,504: half the size, for running models on graphics cards.</source>
        <translation>每个数 2 字节，3 位有效数字，最大 65504：大小减半，适合在显卡上运行模型。</translation>
    </message>
    <message>
        <source>2 bytes a number, 2 to 3 digits, the range of float32: half the size, safe from overflow, less exact.</source>
        <translation>每个数 2 字节，2 到 3 位有效数字，范围与 float32 相同：大小减半，不会溢出，但精度较低。</translation>
    </message>
    <message>
        <source>8 bytes a number, 16 digits: twice the size; conversion adds no exactness.</source>
        <translation>每个数 8 字节，16 位有效数字：大小加倍；转换不会提高精度。</translation>
    </message>
    <message>
        <source>8-byte whole numbers: what follows the decimal point is cut off.</source>
        <translation>8 字节整数：小数部分会被截去。</translation>
    </message>
    <message>
        <source>True or false: everything but zero becomes true.</source>
        <translation>真或假：除零以外的值都变为真。</translation>
    </message>
    <message>
        <source>1 byte a number, about 1 digit: for inference that is made for it. Most programs cannot use it.</source>
        <translation>每个数 1 字节，约 1 位有效数字：用于专门支持它的推理程序。大多数程序无法使用。</translation>
    </message>
    <message>
        <source>Complex numbers: the imaginary part of real values becomes zero.</source>
        <translation>复数：实数的虚部为零。</translation>
    </message>
    <message>
        <source>Whole numbers: what follows the decimal point is cut off, and only a small range fits.</source>
        <translation>整数：小数部分会被截去，而且能表示的范围很小。</translation>
    </message>
    <message>
        <source>Convert</source>
        <translation>转换</translation>
    </message>
    <message>
        <source>Convert 1 tensor to {dtype}</source>
        <translation>把 1 个张量转换为 {dtype}</translation>
    </message>
    <message>
        <source>Convert {count} tensors to {dtype}</source>
        <translation>把 {count} 个张量转换为 {dtype}</translation>
    </message>
    <message>
        <source>The weights then take {after} instead of {before}.</source>
        <translation>转换后权重占 {after}，原来占 {before}。</translation>
    </message>
    <message>
        <source>The weights take as much room as before: {size}.</source>
        <translation>权重占用的空间不变：{size}。</translation>
    </message>
    <message>
        <source>Looking for values that are too large…</source>
        <translation>正在查找过大的值…</translation>
    </message>
    <message>
        <source>Looking for values that are too large for this type…</source>
        <translation>正在查找对这种类型来说过大的值…</translation>
    </message>
    <message>
        <source>… and 1 more tensor with such values</source>
        <translation>… 还有 1 个张量含有这样的值</translation>
    </message>
    <message>
        <source>… and {count} more tensors with such values</source>
        <translation>… 还有 {count} 个张量含有这样的值</translation>
    </message>
    <message>
        <source>Every value fits into this type.</source>
        <translation>所有值都在这种类型的范围之内。</translation>
    </message>
    <message>
        <source>The values were not looked through.</source>
        <translation>没有检查这些值。</translation>
    </message>
</context>
<context>
    <name>ChangePreview</name>
    <message>
        <source>Names before and after</source>
        <translation>更改前后的名称</translation>
    </message>
</context>
<context>
    <name>CheckpointPage</name>
    <message>
        <source>Choose the file to compare with.</source>
        <translation>请选择要比较的文件。</translation>
    </message>
    <message>
        <source>Checkpoint file</source>
        <translation>检查点文件</translation>
    </message>
    <message>
        <source>a file that is known to load into the model</source>
        <translation>已知能加载到模型中的文件</translation>
    </message>
    <message>
        <source>&amp;Browse…</source>
        <translation>浏览(&amp;B)…</translation>
    </message>
    <message>
        <source>Weights inside the file</source>
        <translation>文件中的权重</translation>
    </message>
    <message>
        <source>File</source>
        <translation>文件</translation>
    </message>
    <message>
        <source>Weights</source>
        <translation>权重</translation>
    </message>
    <message>
        <source>The other file plays the model: its names and shapes are the expected ones. Nothing is taken from it and no code of it is run.</source>
        <translation>另一个文件充当模型：以它的名称和形状为准。不会从中取用任何数据，也不会运行其中的代码。</translation>
    </message>
    <message>
        <source>Choose a checkpoint</source>
        <translation>选择检查点</translation>
    </message>
    <message>
        <source>There is no file “{path}”.</source>
        <translation>文件“{path}”不存在。</translation>
    </message>
    <message>
        <source>Reading the file…</source>
        <translation>正在读取文件…</translation>
    </message>
    <message>
        <source>Reading the file</source>
        <translation>正在读取文件</translation>
    </message>
    <message>
        <source>This file holds no weights.</source>
        <translation>这个文件不含权重。</translation>
    </message>
    <message>
        <source>1 tensor</source>
        <translation>1 个张量</translation>
    </message>
    <message>
        <source>{count} tensors</source>
        <translation>{count} 个张量</translation>
    </message>
    <message>
        <source>the whole file</source>
        <translation>整个文件</translation>
    </message>
</context>
<context>
    <name>ChecksPane</name>
    <message>
        <source>Check all values</source>
        <translation>检查所有值</translation>
    </message>
    <message>
        <source>Reads the whole file: damaged bytes, NaN and infinite values, dead layers, copies, wasted space</source>
        <translation>读取整个文件：损坏的字节、NaN 和无穷大、失效的层、重复的副本、浪费的空间</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>停止</translation>
    </message>
    <message>
        <source>Progress of the check</source>
        <translation>检查进度</translation>
    </message>
    <message>
        <source>Checking all values</source>
        <translation>正在检查所有值</translation>
    </message>
    <message>
        <source>Check again</source>
        <translation>重新检查</translation>
    </message>
    <message>
        <source>1 warning</source>
        <translation>1 个警告</translation>
    </message>
    <message>
        <source>{count} warnings</source>
        <translation>{count} 个警告</translation>
    </message>
    <message>
        <source>The values were not checked yet</source>
        <translation>尚未检查这些值</translation>
    </message>
    <message>
        <source>All values look healthy</source>
        <translation>所有值看起来都正常</translation>
    </message>
    <message>
        <source>Checking the values…</source>
        <translation>正在检查数值…</translation>
    </message>
    <message>
        <source>Changed since the check</source>
        <translation>检查之后有更改</translation>
    </message>
    <message>
        <source>1 warning in the values</source>
        <translation>数值有 1 个警告</translation>
    </message>
    <message>
        <source>{count} warnings in the values</source>
        <translation>数值有 {count} 个警告</translation>
    </message>
    <message>
        <source>Reading every value of the file. You can go on working meanwhile.</source>
        <translation>正在读取文件中的每个值。在此期间您可以继续工作。</translation>
    </message>
    <message>
        <source>Reads all {size} and looks for damaged bytes, NaN and infinite values, layers of zeros, doubled tensors and wasted space.</source>
        <translation>读取全部 {size}，查找损坏的字节、NaN 和无穷大、全零的层、重复的张量以及浪费的空间。</translation>
    </message>
    <message>
        <source>The file was changed since this check. Check again to see what holds now.</source>
        <translation>这次检查之后文件有过更改。请重新检查，以了解当前情况。</translation>
    </message>
    <message>
        <source>Press Enter or double-click a line to see the tensor it is about.</source>
        <translation>按回车键或双击一行，即可查看相关的张量。</translation>
    </message>
</context>
<context>
    <name>ChooseModelDialog</name>
    <message>
        <source>Compare with a model</source>
        <translation>与模型比较</translation>
    </message>
    <message>
        <source>Which model should this file load into?</source>
        <translation>这个文件要加载到哪个模型？</translation>
    </message>
    <message>
        <source>No weights are downloaded and none are kept in memory: only names and shapes are looked at.</source>
        <translation>不会下载权重，也不会把权重留在内存中：只查看名称和形状。</translation>
    </message>
    <message>
        <source>Where the model comes from</source>
        <translation>模型的来源</translation>
    </message>
    <message>
        <source>Used last</source>
        <translation>最近使用</translation>
    </message>
    <message>
        <source>torchvision</source>
        <translation>torchvision</translation>
    </message>
    <message>
        <source>From a Python file</source>
        <translation>Python 文件</translation>
    </message>
    <message>
        <source>Installed module</source>
        <translation>已安装的模块</translation>
    </message>
    <message>
        <source>Another checkpoint</source>
        <translation>另一个检查点</translation>
    </message>
    <message>
        <source>Building the model</source>
        <translation>正在构建模型</translation>
    </message>
    <message>
        <source>Compare</source>
        <translation>比较</translation>
    </message>
    <message>
        <source>Compare with {model}</source>
        <translation>与 {model} 比较</translation>
    </message>
    <message>
        <source>Building the model…</source>
        <translation>正在构建模型…</translation>
    </message>
    <message>
        <source>Nothing runs before you answer.</source>
        <translation>在您回答之前不会运行任何代码。</translation>
    </message>
</context>
<context>
    <name>ChoosePartnerDialog</name>
    <message>
        <source>Choose another tensor</source>
        <translation>选择另一个张量</translation>
    </message>
    <message>
        <source>Which tensor is “{name}”?</source>
        <translation>哪个张量是“{name}”？</translation>
    </message>
    <message>
        <source>These have the shape that the model wants: {shape}.</source>
        <translation>这些张量的形状与模型所需的相同：{shape}。</translation>
    </message>
    <message>
        <source>No tensor of the file has the shape that the model wants: {shape}.</source>
        <translation>文件中没有模型所需形状的张量：{shape}。</translation>
    </message>
    <message>
        <source>Filter names</source>
        <translation>筛选名称</translation>
    </message>
    <message>
        <source>Filter the tensors</source>
        <translation>筛选张量</translation>
    </message>
    <message>
        <source>Tensors of the file</source>
        <translation>文件中的张量</translation>
    </message>
    <message>
        <source>Use this tensor</source>
        <translation>使用这个张量</translation>
    </message>
</context>
<context>
    <name>CleaningMenu</name>
    <message>
        <source>Cl&amp;ean up</source>
        <translation>清理(&amp;E)</translation>
    </message>
    <message>
        <source>Open a file first</source>
        <translation>请先打开一个文件</translation>
    </message>
    <message>
        <source>Looking…</source>
        <translation>正在查找…</translation>
    </message>
    <message>
        <source>Nothing left over from training was found</source>
        <translation>没有发现训练遗留的内容</translation>
    </message>
    <message>
        <source>Half the size: {dtype}…</source>
        <translation>大小减半：{dtype}…</translation>
    </message>
    <message>
        <source>For running the model. Looks for values that would not fit before it converts.</source>
        <translation>用于运行模型。转换前会先查找超出范围的值。</translation>
    </message>
    <message>
        <source>Looking for left-overs</source>
        <translation>正在查找遗留内容</translation>
    </message>
    <message>
        <source>1 tensor</source>
        <translation>1 个张量</translation>
    </message>
    <message>
        <source>{count} tensors</source>
        <translation>{count} 个张量</translation>
    </message>
    <message>
        <source>1 entry</source>
        <translation>1 项</translation>
    </message>
    <message>
        <source>{count} entries</source>
        <translation>{count} 项</translation>
    </message>
    <message>
        <source>1 name</source>
        <translation>1 个名称</translation>
    </message>
    <message>
        <source>{count} names</source>
        <translation>{count} 个名称</translation>
    </message>
    <message>
        <source>The wrapper put this before every name; the model itself does not know it.</source>
        <translation>这是包装器加在每个名称前面的，模型本身并不认识它。</translation>
    </message>
    <message>
        <source>torchvision renamed these parts; its models of today expect the new names.</source>
        <translation>torchvision 后来更改了这些部分的名称，如今的模型使用新名称。</translation>
    </message>
    <message>
        <source>Old files say gamma and beta where PyTorch says weight and bias.</source>
        <translation>旧文件中的 gamma 和 beta，就是 PyTorch 中的 weight 和 bias。</translation>
    </message>
    <message>
        <source>The running average of the weights usually gives the better model.</source>
        <translation>权重的滑动平均通常能得到更好的模型。</translation>
    </message>
    <message>
        <source>Only needed to go on training. Counts when the whole content is exported.</source>
        <translation>只有继续训练时才需要。仅在导出整个检查点时有影响。</translation>
    </message>
</context>
<context>
    <name>ClosePrompt</name>
    <message>
        <source>Changes not exported</source>
        <translation>更改尚未导出</translation>
    </message>
    <message>
        <source>Close “{name}” without exporting its changes?</source>
        <translation>“{name}”的更改尚未导出，仍要关闭吗？</translation>
    </message>
    <message>
        <source>{count} files have changes that were not exported. Close them all the same?</source>
        <translation>{count} 个文件的更改尚未导出，仍要关闭吗？</translation>
    </message>
    <message>
        <source>The changes are only in this window: the files on disk are as they were.</source>
        <translation>这些更改只存在于本窗口中，磁盘上的文件没有变化。</translation>
    </message>
    <message>
        <source>Read “{name}” again and give up its changes?</source>
        <translation>重新读取“{name}”并放弃对它的更改？</translation>
    </message>
    <message>
        <source>The changes are only in this window. Saved as a recipe (History), they can be made again afterwards.</source>
        <translation>更改只在此窗口中。先（在“历史”中）存为配方，之后可以重新执行。</translation>
    </message>
    <message>
        <source>Pending changes</source>
        <translation>未导出的更改</translation>
    </message>
    <message>
        <source>1 change was undone after the last export.</source>
        <translation>上次导出后撤销了 1 处更改。</translation>
    </message>
    <message>
        <source>{count} changes were undone after the last export.</source>
        <translation>上次导出后撤销了 {count} 处更改。</translation>
    </message>
    <message>
        <source>&amp;Discard changes</source>
        <translation>放弃更改(&amp;D)</translation>
    </message>
    <message>
        <source>&amp;Export…</source>
        <translation>导出(&amp;E)…</translation>
    </message>
</context>
<context>
    <name>ColumnsMenu</name>
    <message>
        <source>Colum&amp;ns</source>
        <translation>列(&amp;N)</translation>
    </message>
    <message>
        <source>Open a file first</source>
        <translation>请先打开文件</translation>
    </message>
</context>
<context>
    <name>CompareModel</name>
    <message>
        <source>Status</source>
        <translation>状态</translation>
    </message>
    <message>
        <source>Name in the model</source>
        <translation>模型中的名称</translation>
    </message>
    <message>
        <source>File</source>
        <translation>文件</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>模型</translation>
    </message>
    <message>
        <source>What PyTorch would say about this name</source>
        <translation>PyTorch 会如何看待这个名称</translation>
    </message>
    <message>
        <source>The name the model expects; for unexpected rows, the name in the file</source>
        <translation>模型需要的名称；对于多余的行，是文件中的名称</translation>
    </message>
    <message>
        <source>The shape of the tensor in the file</source>
        <translation>张量在文件中的形状</translation>
    </message>
    <message>
        <source>The shape the model expects</source>
        <translation>模型需要的形状</translation>
    </message>
    <message>
        <source>What you can do about this row</source>
        <translation>您可以对这一行做什么</translation>
    </message>
    <message>
        <source>made by the model</source>
        <translation>由模型自行生成</translation>
    </message>
    <message>
        <source>{name}: {status}</source>
        <translation>{name}：{status}</translation>
    </message>
    <message>
        <source>Ways to repair {name}</source>
        <translation>修复 {name} 的办法</translation>
    </message>
    <message>
        <source>In the file it is called “{name}”; the model&apos;s own loading code renames it.</source>
        <translation>它在文件中名为“{name}”；模型自己的加载代码会把它改名。</translation>
    </message>
    <message>
        <source>File: {file}; model: {model}.</source>
        <translation>文件：{file}；模型：{model}。</translation>
    </message>
    <message>
        <source>The file holds {file} numbers, the model {model}: PyTorch converts them while loading.</source>
        <translation>文件中是 {file} 数值，模型中是 {model}：PyTorch 会在加载时转换。</translation>
    </message>
    <message>
        <source>The file does not hold this tensor and need not: it counts how many batches BatchNorm has seen. Files from before PyTorch 0.4.1 lack it; the model then starts counting at 0. The count does not change what the model computes.</source>
        <translation>文件中没有这个张量，也不需要有：它记录 BatchNorm 处理过多少个批次。PyTorch 0.4.1 之前的文件没有它，模型会从 0 开始计数。这个计数不影响模型的计算结果。</translation>
    </message>
</context>
<context>
    <name>ComparePane</name>
    <message>
        <source>These tensors belong to another file.</source>
        <translation>这些张量属于另一个文件。</translation>
    </message>
    <message>
        <source>“{name}” is not a name of the model.</source>
        <translation>“{name}”不是模型中的名称。</translation>
    </message>
    <message>
        <source>Drop one tensor, or one whole group.</source>
        <translation>请拖放一个张量，或一个完整的分组。</translation>
    </message>
    <message>
        <source>It already has this name.</source>
        <translation>它已经是这个名称了。</translation>
    </message>
    <message>
        <source>The file already has a tensor named “{name}”: pop or rename that one first.</source>
        <translation>文件中已有名为“{name}”的张量：请先移除或重命名那个张量。</translation>
    </message>
    <message>
        <source>1 tensor: {old} → {new}</source>
        <translation>1 个张量：{old} → {new}</translation>
    </message>
    <message>
        <source>The shapes differ: {file} in the file, {model} in the model.</source>
        <translation>形状不同：文件中是 {file}，模型中是 {model}。</translation>
    </message>
    <message>
        <source>This group holds no tensors.</source>
        <translation>这个分组中没有张量。</translation>
    </message>
    <message>
        <source>As “{target}”, none of these {count} names would be a name of the model.</source>
        <translation>如果改为“{target}”，这 {count} 个名称都不是模型中的名称。</translation>
    </message>
    <message>
        <source>The file already has “{name}” (names in the way: {count}).</source>
        <translation>文件中已有“{name}”（冲突的名称：{count} 个）。</translation>
    </message>
    <message>
        <source>{count} tensors: {old} → {new}</source>
        <translation>{count} 个张量：{old} → {new}</translation>
    </message>
    <message>
        <source>{count} of them are names of the model.</source>
        <translation>其中 {count} 个是模型中的名称。</translation>
    </message>
    <message>
        <source>Will this file load into your model?</source>
        <translation>这个文件能加载到您的模型中吗？</translation>
    </message>
    <message>
        <source>Choose the model it is meant for. Here you then see, name by name, what fits, what is missing, what has another size and what is left over, and you can repair it.</source>
        <translation>请选择它所对应的模型。之后您会在这里逐个名称地看到：哪些匹配，哪些缺失，哪些尺寸不同，哪些多余，并且可以修复。</translation>
    </message>
    <message>
        <source>A &amp;torchvision model…</source>
        <translation>torchvision 模型(&amp;T)…</translation>
    </message>
    <message>
        <source>ResNet, DenseNet, ViT and the like, by name</source>
        <translation>ResNet、DenseNet、ViT 等，按名称选择</translation>
    </message>
    <message>
        <source>A class in a &amp;Python file…</source>
        <translation>Python 文件中的类(&amp;P)…</translation>
    </message>
    <message>
        <source>Your own model; you are asked before its code runs</source>
        <translation>您自己的模型；运行其代码之前会先询问您</translation>
    </message>
    <message>
        <source>An &amp;installed module…</source>
        <translation>已安装的模块(&amp;I)…</translation>
    </message>
    <message>
        <source>A model of timm, transformers or your own package</source>
        <translation>timm、transformers 或您自己的软件包中的模型</translation>
    </message>
    <message>
        <source>&amp;Another checkpoint…</source>
        <translation>另一个检查点(&amp;A)…</translation>
    </message>
    <message>
        <source>A file that is known to have the right names</source>
        <translation>已知名称正确的文件</translation>
    </message>
    <message>
        <source>Model:</source>
        <translation>模型：</translation>
    </message>
    <message>
        <source>Choose another model to compare with</source>
        <translation>选择另一个模型进行比较</translation>
    </message>
    <message>
        <source>Lets PyTorch itself load these weights into the real model</source>
        <translation>让 PyTorch 自己把这些权重加载到真正的模型中</translation>
    </message>
    <message>
        <source>Stop comparing</source>
        <translation>停止比较</translation>
    </message>
    <message>
        <source>Verdict</source>
        <translation>结论</translation>
    </message>
    <message>
        <source>Message</source>
        <translation>消息</translation>
    </message>
    <message>
        <source>Filter the compared names</source>
        <translation>筛选参与比较的名称</translation>
    </message>
    <message>
        <source>&amp;Details…</source>
        <translation>详细信息(&amp;D)…</translation>
    </message>
    <message>
        <source>Notes</source>
        <translation>说明</translation>
    </message>
    <message>
        <source>Match the names of both sides automatically</source>
        <translation>自动匹配两边的名称</translation>
    </message>
    <message>
        <source>By shapes, order and names; you see every pair before anything is renamed.</source>
        <translation>根据形状、顺序和名称匹配；重命名之前可以查看每一对名称。</translation>
    </message>
    <message>
        <source>Fill the missing tensor with the model&apos;s own starting values</source>
        <translation>用模型自己的初始值填补缺失的张量</translation>
    </message>
    <message>
        <source>Fill the {count} missing tensors with the model&apos;s own starting values</source>
        <translation>用模型自己的初始值填补 {count} 个缺失的张量</translation>
    </message>
    <message>
        <source>Then the file loads, and these layers begin untrained.</source>
        <translation>这样文件就能加载，但这些层尚未经过训练。</translation>
    </message>
    <message>
        <source>This looks like another model: only {count} of {total} names fit.</source>
        <translation>这看起来是另一个模型：{total} 个名称中只有 {count} 个符合。</translation>
    </message>
    <message>
        <source>This looks like another model: none of its {total} names fits.</source>
        <translation>这看起来是另一个模型：它的 {total} 个名称没有一个符合。</translation>
    </message>
    <message>
        <source>The file was recognised as {model}.</source>
        <translation>此文件已识别为 {model}。</translation>
    </message>
    <message>
        <source>Compares with that model instead.</source>
        <translation>改为与该模型比较。</translation>
    </message>
    <message>
        <source>“{model}” of {file} lies beside this file.</source>
        <translation>此文件旁有 {file} 中的“{model}”。</translation>
    </message>
    <message>
        <source>&amp;Choose…</source>
        <translation>选择(&amp;C)…</translation>
    </message>
    <message>
        <source>Choose a model…</source>
        <translation>选择模型…</translation>
    </message>
    <message>
        <source>Chan&amp;ge…</source>
        <translation>更换(&amp;G)…</translation>
    </message>
    <message>
        <source>Test with P&amp;yTorch…</source>
        <translation>用 PyTorch 测试(&amp;Y)…</translation>
    </message>
    <message>
        <source>Filter</source>
        <translation>筛选</translation>
    </message>
    <message>
        <source>Click to see the compared names again</source>
        <translation>点击可重新显示所比较的名称</translation>
    </message>
    <message>
        <source>Ma&amp;tch…</source>
        <translation>自动匹配(&amp;T)…</translation>
    </message>
    <message>
        <source>Fi&amp;ll…</source>
        <translation>填补(&amp;L)…</translation>
    </message>
    <message>
        <source>Com&amp;pare</source>
        <translation>比较(&amp;P)</translation>
    </message>
    <message>
        <source>Com&amp;pare…</source>
        <translation>比较(&amp;P)…</translation>
    </message>
    <message>
        <source>Use this name for a tensor of the file…</source>
        <translation>把这个名称给文件中的某个张量…</translation>
    </message>
    <message>
        <source>Shows the tensors that fit this shape, and renames the one you choose.</source>
        <translation>列出形状相符的张量，并把您选中的那个改为此名。</translation>
    </message>
    <message>
        <source>Use this name for “{name}”</source>
        <translation>把这个名称给“{name}”</translation>
    </message>
    <message>
        <source>Renames the tensor that is selected in the tree.</source>
        <translation>重命名树中选中的张量。</translation>
    </message>
    <message>
        <source>Fill with the model&apos;s own starting value…</source>
        <translation>用模型自己的初始值填补…</translation>
    </message>
    <message>
        <source>Then this layer loads, and begins untrained.</source>
        <translation>这样这一层就能加载，但尚未经过训练。</translation>
    </message>
    <message>
        <source>Fill all {count} missing tensors…</source>
        <translation>填补全部 {count} 个缺失的张量…</translation>
    </message>
    <message>
        <source>Paste here</source>
        <translation>粘贴到此处</translation>
    </message>
    <message>
        <source>Resize to {shape}…</source>
        <translation>调整为 {shape}…</translation>
    </message>
    <message>
        <source>Shows the ways to give it the model&apos;s shape, and what each means.</source>
        <translation>列出把它变成模型所需形状的各种办法，并说明各自的含义。</translation>
    </message>
    <message>
        <source>Pop “{name}”</source>
        <translation>移除“{name}”</translation>
    </message>
    <message>
        <source>Takes it out of the weights. The file on disk stays as it is until you export.</source>
        <translation>从权重中移除。导出之前，磁盘上的文件不会改变。</translation>
    </message>
    <message>
        <source>Pop all {count} unexpected tensors</source>
        <translation>移除全部 {count} 个多余的张量</translation>
    </message>
    <message>
        <source>Pop all {count} tensors of another size</source>
        <translation>移除全部 {count} 个尺寸不匹配的张量</translation>
    </message>
    <message>
        <source>Rename “{name}”…</source>
        <translation>重命名“{name}”…</translation>
    </message>
    <message>
        <source>Copy name</source>
        <translation>复制名称</translation>
    </message>
    <message>
        <source>Choose a model first.</source>
        <translation>请先选择模型。</translation>
    </message>
    <message>
        <source>This file holds no weights to compare.</source>
        <translation>这个文件不含可供比较的权重。</translation>
    </message>
    <message>
        <source>Nothing in it maps names to tensors, as a model needs it. What it does hold is in the tree.</source>
        <translation>其中没有模型所需的“名称到张量”的对应。它所包含的内容显示在左侧的树中。</translation>
    </message>
    <message>
        <source>Looking for a model beside the file</source>
        <translation>正在文件旁查找模型</translation>
    </message>
    <message>
        <source>“{model}” of {file}, beside this file…</source>
        <translation>此文件旁 {file} 中的“{model}”…</translation>
    </message>
    <message>
        <source>{path}
It seems to be the model of this file. You are asked before its code runs.</source>
        <translation>{path}
它看起来就是此文件的模型。运行其代码之前会先询问您。</translation>
    </message>
    <message>
        <source>This file holds no weights that could be compared.</source>
        <translation>这个文件不含可以比较的权重。</translation>
    </message>
    <message>
        <source>Comparing…</source>
        <translation>正在比较…</translation>
    </message>
    <message>
        <source>With your 1 change, this file loads into the model.</source>
        <translation>加上您的 1 处更改，这个文件可以加载到模型中。</translation>
    </message>
    <message>
        <source>With your {count} changes, this file loads into the model.</source>
        <translation>加上您的 {count} 处更改，这个文件可以加载到模型中。</translation>
    </message>
    <message>
        <source>This file loads into the model.</source>
        <translation>这个文件可以加载到模型中。</translation>
    </message>
    <message>
        <source>1 tensor in it is untrained: it was filled in with start values.</source>
        <translation>其中 1 个张量未经训练：它是以初始值补全的。</translation>
    </message>
    <message>
        <source>{count} tensors in it are untrained: they were filled in with start values.</source>
        <translation>其中 {count} 个张量未经训练：它们是以初始值补全的。</translation>
    </message>
    <message>
        <source>1 further error</source>
        <translation>另有 1 个错误</translation>
    </message>
    <message>
        <source>{count} further errors</source>
        <translation>另有 {count} 个错误</translation>
    </message>
    <message>
        <source>PyTorch would refuse: {reasons}.</source>
        <translation>PyTorch 会拒绝加载：{reasons}。</translation>
    </message>
    <message>
        <source>PyTorch itself gave this verdict: load_state_dict(strict=True) was run on an empty copy of the model.</source>
        <translation>这是 PyTorch 自己给出的结论：已在模型的空副本上运行 load_state_dict(strict=True)。</translation>
    </message>
    <message>
        <source>Judged by the rules of load_state_dict(strict=True). This model has no loading code of its own, so PyTorch says the same.</source>
        <translation>这是按 load_state_dict(strict=True) 的规则得出的结论。这个模型没有自己的加载代码，所以 PyTorch 的结论也会相同。</translation>
    </message>
    <message>
        <source>1 note</source>
        <translation>1 条说明</translation>
    </message>
    <message>
        <source>{count} notes</source>
        <translation>{count} 条说明</translation>
    </message>
    <message>
        <source>Looking for remedies</source>
        <translation>正在寻找修复办法</translation>
    </message>
    <message>
        <source>No name here contains “{text}”.</source>
        <translation>这里没有包含“{text}”的名称。</translation>
    </message>
    <message>
        <source>Nothing matches.</source>
        <translation>没有匹配的名称。</translation>
    </message>
    <message>
        <source>Nothing has another size.</source>
        <translation>没有尺寸不匹配的名称。</translation>
    </message>
    <message>
        <source>Nothing is missing.</source>
        <translation>没有缺失的名称。</translation>
    </message>
    <message>
        <source>Nothing is unexpected.</source>
        <translation>没有多余的名称。</translation>
    </message>
    <message>
        <source>Nothing to show.</source>
        <translation>没有可显示的内容。</translation>
    </message>
    <message>
        <source>Choose a row to read what it means. Drop a tensor or group from the tree on one.</source>
        <translation>选择一行可以查看它的含义。也可以把树中的张量或分组拖到某一行上。</translation>
    </message>
</context>
<context>
    <name>CompareTable</name>
    <message>
        <source>Names of the model and of the file, compared</source>
        <translation>模型与文件的名称比较</translation>
    </message>
    <message>
        <source>Size mismatch</source>
        <translation>尺寸不匹配</translation>
    </message>
    <message>
        <source>Choose…</source>
        <translation>选择…</translation>
    </message>
    <message>
        <source>Copy or cut a tensor or group in the tree first, then paste it here.</source>
        <translation>请先在树中复制或剪切张量或分组，再粘贴到这里。</translation>
    </message>
    <message>
        <source>Choose the row whose name it is to take first.</source>
        <translation>请先选择要采用其名称的那一行。</translation>
    </message>
</context>
<context>
    <name>ConsentDialog</name>
    <message>
        <source>Run code?</source>
        <translation>运行代码？</translation>
    </message>
    <message>
        <source>May this file&apos;s code run?</source>
        <translation>允许运行这个文件中的代码吗？</translation>
    </message>
    <message>
        <source>To learn which names and shapes the model expects, its Python code has to be run. It runs in a process of its own, with your rights: it could do anything a program of yours can. Allow it only for code you trust.</source>
        <translation>要知道模型需要哪些名称和形状，就必须运行它的 Python 代码。代码在单独的进程中运行，拥有您的权限：您的程序能做的事，它都能做。请只允许运行您信任的代码。</translation>
    </message>
    <message>
        <source>File</source>
        <translation>文件</translation>
    </message>
    <message>
        <source>not known before it is imported</source>
        <translation>导入之前无法得知</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>模型</translation>
    </message>
    <message>
        <source>Python</source>
        <translation>Python</translation>
    </message>
    <message>
        <source>&amp;Remember for this very content of the file (asks again when it changes)</source>
        <translation>记住对这个文件当前内容的选择(&amp;R)（内容改变后会再次询问）</translation>
    </message>
    <message>
        <source>R&amp;un it</source>
        <translation>运行(&amp;U)</translation>
    </message>
    <message>
        <source>&amp;Do not run it</source>
        <translation>不运行(&amp;D)</translation>
    </message>
</context>
<context>
    <name>Contents</name>
    <message>
        <source>Type</source>
        <translation>类型</translation>
    </message>
    <message>
        <source>What kind of value Python would make of it.</source>
        <translation>在 Python 中它是哪一种值。</translation>
    </message>
    <message>
        <source>Value</source>
        <translation>值</translation>
    </message>
    <message>
        <source>As the file stores it.</source>
        <translation>与文件中存储的一致。</translation>
    </message>
    <message>
        <source>Tensors in it</source>
        <translation>其中的张量</translation>
    </message>
    <message>
        <source>Share of the file</source>
        <translation>占文件的比例</translation>
    </message>
    <message>
        <source>How much smaller the file would be without it, about.</source>
        <translation>去掉它之后文件大约会小多少。</translation>
    </message>
    <message>
        <source>yes or no (bool)</source>
        <translation>是或否（bool）</translation>
    </message>
    <message>
        <source>whole number (int)</source>
        <translation>整数（int）</translation>
    </message>
    <message>
        <source>number (float)</source>
        <translation>数（float）</translation>
    </message>
    <message>
        <source>complex number (complex)</source>
        <translation>复数（complex）</translation>
    </message>
    <message>
        <source>nothing (None)</source>
        <translation>无（None）</translation>
    </message>
    <message>
        <source>text of {count} characters (str)</source>
        <translation>{count} 个字符的文本（str）</translation>
    </message>
    <message>
        <source>{count} bytes (bytes)</source>
        <translation>{count} 个字节（bytes）</translation>
    </message>
    <message>
        <source>1 entry ({type})</source>
        <translation>1 个条目（{type}）</translation>
    </message>
    <message>
        <source>{count} entries ({type})</source>
        <translation>{count} 个条目（{type}）</translation>
    </message>
    <message>
        <source>name of a class or function</source>
        <translation>类或函数的名称</translation>
    </message>
    <message>
        <source>block of numbers without a shape (storage)</source>
        <translation>没有形状的一块数值（storage）</translation>
    </message>
    <message>
        <source>reference to something outside the file</source>
        <translation>指向文件之外的引用</translation>
    </message>
    <message>
        <source>Optimizer</source>
        <translation>优化器</translation>
    </message>
    <message>
        <source>Told by the names of what it keeps: {names}.</source>
        <translation>根据它所保存内容的名称判断：{names}。</translation>
    </message>
    <message>
        <source>Parameters in it</source>
        <translation>其中的参数</translation>
    </message>
    <message>
        <source>For how many tensors of the model it keeps something.</source>
        <translation>它为模型的多少个张量保存了内容。</translation>
    </message>
    <message>
        <source>Learning rate</source>
        <translation>学习率</translation>
    </message>
    <message>
        <source>How large the steps were when the file was saved; one for each group of parameters.</source>
        <translation>保存文件时每步的大小；每组参数一个。</translation>
    </message>
    <message>
        <source>SGD with momentum</source>
        <translation>带动量的 SGD</translation>
    </message>
    <message>
        <source>… and more, which is not written out here</source>
        <translation>……还有更多，这里不再列出</translation>
    </message>
    <message>
        <source>Which framework the file was written for; “pt” is PyTorch. Some libraries refuse files without it.</source>
        <translation>文件是为哪个框架写的；“pt”表示 PyTorch。有些库拒绝没有它的文件。</translation>
    </message>
    <message>
        <source>Texts in the header of the safetensors file. They tell about the weights and do not change them.</source>
        <translation>safetensors 文件头中的文本。它们说明权重，但不会改变权重。</translation>
    </message>
    <message>
        <source>An object of a class that is not part of PyTorch. Its code was not run: shown is what the file stores of it.</source>
        <translation>一个不属于 PyTorch 的类的对象。没有运行它的代码：显示的是文件中存储的内容。</translation>
    </message>
    <message>
        <source>How the learning rate was to go on. Needed only to continue the training.</source>
        <translation>学习率之后如何变化。只有继续训练时才需要。</translation>
    </message>
    <message>
        <source>What the optimizer remembers to continue the training, often two more numbers for every weight. The model works without it, and the file is much smaller then.</source>
        <translation>优化器为继续训练而记住的内容，通常是每个权重再加两个数。模型不需要它，去掉后文件会小得多。</translation>
    </message>
    <message>
        <source>State of training with half precision (mixed precision). Needed only to continue it.</source>
        <translation>半精度（混合精度）训练的状态。只有继续训练时才需要。</translation>
    </message>
    <message>
        <source>State of the random numbers, so that training can go on exactly as it would have.</source>
        <translation>随机数的状态，使训练能够完全按原来的方式继续。</translation>
    </message>
    <message>
        <source>How many times the training had gone through its data when the file was saved.</source>
        <translation>保存文件时，训练已经遍历数据的次数。</translation>
    </message>
    <message>
        <source>How many updates of the weights the training had made when the file was saved.</source>
        <translation>保存文件时，训练已经更新权重的次数。</translation>
    </message>
    <message>
        <source>The settings the training was started with. Useful to build the model again, not to load it.</source>
        <translation>开始训练时的设置。可用来重新构建模型，加载权重时不需要。</translation>
    </message>
    <message>
        <source>Written by Lightning to continue the training with it. The weights do not need it.</source>
        <translation>由 Lightning 写入，用来继续训练。权重不需要它。</translation>
    </message>
    <message>
        <source>A result of the training that was noted when the file was saved.</source>
        <translation>保存文件时记录的训练结果。</translation>
    </message>
    <message>
        <source>The name of the network that the weights belong to.</source>
        <translation>这些权重所属网络的名称。</translation>
    </message>
    <message>
        <source>What the outputs of the model stand for. Worth keeping beside the weights.</source>
        <translation>模型的各个输出代表什么。值得与权重一起保留。</translation>
    </message>
    <message>
        <source>What a module saves in its state dict beside tensors; only the module itself can read it.</source>
        <translation>模块在状态字典中除张量之外保存的内容；只有模块自己能读懂。</translation>
    </message>
    <message>
        <source>Where the file comes from. The weights do not need it.</source>
        <translation>文件的来历。权重不需要它。</translation>
    </message>
    <message>
        <source>Belongs to an average of the weights over the training (EMA), which often works better than the last ones.</source>
        <translation>属于训练过程中权重的平均（EMA），效果往往比最后的权重更好。</translation>
    </message>
    <message>
        <source>Which words or pieces of text the numbers of the model stand for. Worth keeping.</source>
        <translation>模型中的编号代表哪些词或文本片段。值得保留。</translation>
    </message>
</context>
<context>
    <name>CrashDialog</name>
    <message>
        <source>Ckpt Studio has a fault</source>
        <translation>Ckpt Studio 出现故障</translation>
    </message>
    <message>
        <source>Something went wrong inside Ckpt Studio.</source>
        <translation>Ckpt Studio 内部出错。</translation>
    </message>
    <message>
        <source>Your files on disk are untouched, and what you have open stays open: you can go on or export. Please send this report to the makers, so that it can be mended.</source>
        <translation>磁盘上的文件没有受到影响，已打开的内容仍然打开着：您可以继续工作或导出。请把这份报告发送给开发者，以便修复问题。</translation>
    </message>
    <message>
        <source>Report</source>
        <translation>报告</translation>
    </message>
    <message>
        <source>Go on</source>
        <translation>继续</translation>
    </message>
    <message>
        <source>Copy report</source>
        <translation>复制报告</translation>
    </message>
    <message>
        <source>Copied</source>
        <translation>已复制</translation>
    </message>
</context>
<context>
    <name>CurvePage</name>
    <message>
        <source>A long vector: one value of each stretch is shown.</source>
        <translation>向量较长：每一段只显示一个值。</translation>
    </message>
</context>
<context>
    <name>CurveView</name>
    <message>
        <source>Curve of the values</source>
        <translation>值的曲线</translation>
    </message>
    <message>
        <source>Value {place}: not a number or infinite</source>
        <translation>第 {place} 个值：NaN 或无穷大</translation>
    </message>
    <message>
        <source>Value {place}: {value}</source>
        <translation>第 {place} 个值：{value}</translation>
    </message>
    <message>
        <source>Values {first} to {last}: {low} to {high}</source>
        <translation>第 {first} 到 {last} 个值：{low} 到 {high}</translation>
    </message>
</context>
<context>
    <name>DetailsDialog</name>
    <message>
        <source>Details</source>
        <translation>详细信息</translation>
    </message>
    <message>
        <source>What happened</source>
        <translation>发生了什么</translation>
    </message>
    <message>
        <source>&amp;Copy</source>
        <translation>复制(&amp;C)</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
</context>
<context>
    <name>DeviceDialog</name>
    <message>
        <source>none</source>
        <translation>无</translation>
    </message>
    <message>
        <source>Recorded device</source>
        <translation>记录的设备</translation>
    </message>
    <message>
        <source>On which device should the tensors say they were saved?</source>
        <translation>要让张量记录为保存在哪个设备上？</translation>
    </message>
    <message>
        <source>A file remembers where each tensor lay, and torch.load puts it there again: “cuda:0” fails on a computer without an NVIDIA card, “cpu” loads everywhere. The values do not change.
Now: {devices}</source>
        <translation>文件会记住每个张量所在的设备，torch.load 会把它放回那里：“cuda:0”在没有 NVIDIA 显卡的电脑上会失败，“cpu”在哪里都能加载。数值不会改变。
当前：{devices}</translation>
    </message>
    <message>
        <source>Device</source>
        <translation>设备</translation>
    </message>
    <message>
        <source>&amp;Device</source>
        <translation>设备(&amp;D)</translation>
    </message>
    <message>
        <source>Type a device as PyTorch writes it: cpu, cuda:0, mps.</source>
        <translation>请按 PyTorch 的写法输入设备：cpu、cuda:0、mps。</translation>
    </message>
    <message>
        <source>Change device</source>
        <translation>更改设备</translation>
    </message>
    <message>
        <source>Set 1 tensor to {device}</source>
        <translation>把 1 个张量设为 {device}</translation>
    </message>
    <message>
        <source>Set {count} tensors to {device}</source>
        <translation>把 {count} 个张量设为 {device}</translation>
    </message>
</context>
<context>
    <name>DifferenceDialog</name>
    <message>
        <source>Differences</source>
        <translation>差异</translation>
    </message>
    <message>
        <source>What differs between this checkpoint and another one?</source>
        <translation>这个检查点与另一个检查点有何不同？</translation>
    </message>
    <message>
        <source>Tensors of the same name are compared value by value, as they are now in this window.</source>
        <translation>以本窗口中的当前状态为准，逐个值地比较同名的张量。</translation>
    </message>
    <message>
        <source>Comparing</source>
        <translation>正在比较</translation>
    </message>
    <message>
        <source>&amp;Stop</source>
        <translation>停止(&amp;S)</translation>
    </message>
    <message>
        <source>Outcome</source>
        <translation>结果</translation>
    </message>
    <message>
        <source>Filter names</source>
        <translation>筛选名称</translation>
    </message>
    <message>
        <source>Filter the compared names</source>
        <translation>筛选参与比较的名称</translation>
    </message>
    <message>
        <source>Show the &amp;equal ones too</source>
        <translation>也显示相同的(&amp;E)</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
    <message>
        <source>This file holds no weights.</source>
        <translation>这个文件不含权重。</translation>
    </message>
    <message>
        <source>{done} of {total}</source>
        <translation>{done} / {total}</translation>
    </message>
    <message>
        <source>Both hold the same tensors with the same values.</source>
        <translation>两者包含相同的张量，值也相同。</translation>
    </message>
    <message>
        <source>{count} of {total} common tensors differ.</source>
        <translation>{total} 个共有的张量中有 {count} 个不同。</translation>
    </message>
    <message>
        <source>1 is only here.</source>
        <translation>有 1 个只在这里。</translation>
    </message>
    <message>
        <source>{count} are only here.</source>
        <translation>有 {count} 个只在这里。</translation>
    </message>
    <message>
        <source>1 is only in the other.</source>
        <translation>有 1 个只在另一个文件中。</translation>
    </message>
    <message>
        <source>{count} are only in the other.</source>
        <translation>有 {count} 个只在另一个文件中。</translation>
    </message>
    <message>
        <source>Stopped before everything was compared.</source>
        <translation>尚未全部比较就已停止。</translation>
    </message>
    <message>
        <source>Compare again</source>
        <translation>重新比较</translation>
    </message>
    <message>
        <source>The weights were changed: what stands here may no longer be so.</source>
        <translation>权重已更改：这里的内容可能不再符合实际。</translation>
    </message>
    <message>
        <source>Show in the tree</source>
        <translation>在树中显示</translation>
    </message>
</context>
<context>
    <name>DifferenceModel</name>
    <message>
        <source>changed</source>
        <translation>已改变</translation>
    </message>
    <message>
        <source>other shape</source>
        <translation>形状不同</translation>
    </message>
    <message>
        <source>other number type</source>
        <translation>数据类型不同</translation>
    </message>
    <message>
        <source>only here</source>
        <translation>只在这里</translation>
    </message>
    <message>
        <source>only in the other</source>
        <translation>只在另一个文件中</translation>
    </message>
    <message>
        <source>equal</source>
        <translation>相同</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>名称</translation>
    </message>
    <message>
        <source>Difference</source>
        <translation>差异</translation>
    </message>
    <message>
        <source>Relative</source>
        <translation>相对差异</translation>
    </message>
    <message>
        <source>Largest</source>
        <translation>最大</translation>
    </message>
    <message>
        <source>Cosine</source>
        <translation>余弦</translation>
    </message>
    <message>
        <source>Shape</source>
        <translation>形状</translation>
    </message>
    <message>
        <source>The name, the same in both files</source>
        <translation>名称，两个文件中相同</translation>
    </message>
    <message>
        <source>What differs</source>
        <translation>有何不同</translation>
    </message>
    <message>
        <source>Length of the difference, divided by the length of the tensor here: 0 is equal</source>
        <translation>差的长度除以这里的张量的长度：0 表示相等</translation>
    </message>
    <message>
        <source>The largest difference of a single value</source>
        <translation>单个值的最大差</translation>
    </message>
    <message>
        <source>1: both point in the same direction; 0: they have nothing in common</source>
        <translation>1 表示方向相同，0 表示毫不相关</translation>
    </message>
    <message>
        <source>Here, and in the other file where it is another one</source>
        <translation>这里的形状；如果另一个文件中的形状不同，也一并列出</translation>
    </message>
</context>
<context>
    <name>Document</name>
    <message>
        <source>Comparing</source>
        <translation>正在比较</translation>
    </message>
</context>
<context>
    <name>DocumentPage</name>
    <message>
        <source>Select two or more tensors with at least one axis to join, such as q, k and v.</source>
        <translation>请选择两个或更多至少有一个轴可供合并的张量，例如 q、k、v。</translation>
    </message>
    <message>
        <source>Only what is shown was changed: 1 more, hidden by the filter, stays as it is.</source>
        <translation>只改动了显示出来的张量：还有 1 个被筛选隐藏，保持不变。</translation>
    </message>
    <message>
        <source>Only what is shown was changed: {count} more, hidden by the filter, stay as they are.</source>
        <translation>只改动了显示出来的张量：还有 {count} 个被筛选隐藏，保持不变。</translation>
    </message>
    <message>
        <source>“{name}” has a dot too many: nothing in a PyTorch model is called that.</source>
        <translation>“{name}” 多了一个点：PyTorch 模型中没有这样的名称。</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>撤销</translation>
    </message>
    <message>
        <source>Working on the change…</source>
        <translation>正在处理更改…</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>Comparing</source>
        <translation>正在比较</translation>
    </message>
    <message>
        <source>Saved: {path}</source>
        <translation>已保存：{path}</translation>
    </message>
    <message>
        <source>Show in folder</source>
        <translation>在文件夹中显示</translation>
    </message>
    <message>
        <source>This is only one part of a model that lies in several files.</source>
        <translation>这只是一个分成多个文件的模型中的一部分。</translation>
    </message>
    <message>
        <source>Open the whole model</source>
        <translation>打开整个模型</translation>
    </message>
    <message>
        <source>This file was changed, moved or deleted outside Ckpt Studio. What you see is the old file; its values can no longer be read.</source>
        <translation>这个文件在 Ckpt Studio 之外被更改、移动或删除了。您看到的是旧文件，其中的值已无法读取。</translation>
    </message>
    <message>
        <source>Reload</source>
        <translation>重新读取</translation>
    </message>
    <message>
        <source>Select one tensor with at least one axis to split, or several whose names differ in numbers only.</source>
        <translation>请选择一个至少有一个轴的张量来拆分，或选择多个名称仅数字不同的张量。</translation>
    </message>
</context>
<context>
    <name>DropHint</name>
    <message>
        <source>What dropping here does</source>
        <translation>拖放到这里的效果</translation>
    </message>
</context>
<context>
    <name>EditDialog</name>
    <message>
        <source>Rename</source>
        <translation>重命名</translation>
    </message>
    <message>
        <source>Rename 1 tensor</source>
        <translation>重命名 1 个张量</translation>
    </message>
    <message>
        <source>Rename {count} tensors</source>
        <translation>重命名 {count} 个张量</translation>
    </message>
    <message>
        <source>{touched} of {total} names change.</source>
        <translation>{total} 个名称中有 {touched} 个会改变。</translation>
    </message>
    <message>
        <source>Trying it…</source>
        <translation>正在试算…</translation>
    </message>
    <message>
        <source>Trying the edit</source>
        <translation>正在试算更改</translation>
    </message>
    <message>
        <source>Nothing would change.</source>
        <translation>不会有任何变化。</translation>
    </message>
</context>
<context>
    <name>ExportDialog</name>
    <message>
        <source>Export</source>
        <translation>导出</translation>
    </message>
    <message>
        <source>Where and how should it be written?</source>
        <translation>要写到哪里，采用什么格式？</translation>
    </message>
    <message>
        <source>The file you opened is not touched, unless you choose it as the target.</source>
        <translation>您打开的文件不会改动，除非您把它选为导出目标。</translation>
    </message>
    <message>
        <source>What will be written</source>
        <translation>将要写入的内容</translation>
    </message>
    <message>
        <source>Progress</source>
        <translation>进度</translation>
    </message>
    <message>
        <source>Working out what will be written…</source>
        <translation>正在计算将要写入的内容…</translation>
    </message>
    <message>
        <source>Planning the export</source>
        <translation>正在准备导出</translation>
    </message>
    <message>
        <source>1 tensor will be written as {format}: about {size}</source>
        <translation>将写入 1 个张量，格式为 {format}：约 {size}</translation>
    </message>
    <message>
        <source>{count} tensors will be written as {format}: about {size}</source>
        <translation>将写入 {count} 个张量，格式为 {format}：约 {size}</translation>
    </message>
    <message>
        <source>… and {count} more notices</source>
        <translation>… 还有 {count} 条提示</translation>
    </message>
    <message>
        <source>… and 1 more notice</source>
        <translation>… 还有 1 条提示</translation>
    </message>
    <message>
        <source>Everything fits into one file: {name}</source>
        <translation>一个文件就能容纳全部内容：{name}</translation>
    </message>
    <message>
        <source>{count} parts: {first} … {last}</source>
        <translation>{count} 个分片：{first} … {last}</translation>
    </message>
    <message>
        <source>and their index, which is the file to open: {name}</source>
        <translation>以及它们的索引，打开时请选择这个文件：{name}</translation>
    </message>
    <message>
        <source>Export 1 tensor</source>
        <translation>导出 1 个张量</translation>
    </message>
    <message>
        <source>Export {count} tensors</source>
        <translation>导出 {count} 个张量</translation>
    </message>
    <message>
        <source>The file exists already: tick “Replace” above, or choose another name.</source>
        <translation>文件已存在：请勾选上面的“替换”，或另选一个名称。</translation>
    </message>
    <message>
        <source>Writing “{name}”</source>
        <translation>正在写入“{name}”</translation>
    </message>
    <message>
        <source>The new file takes its place only when it is complete and has been checked.</source>
        <translation>新文件要在写完并通过检查之后才会就位。</translation>
    </message>
    <message>
        <source>Beginning…</source>
        <translation>正在开始…</translation>
    </message>
    <message>
        <source>Exporting</source>
        <translation>正在导出</translation>
    </message>
    <message>
        <source>{done} of {total}</source>
        <translation>{done} / {total}</translation>
    </message>
    <message>
        <source>“{name}” is written</source>
        <translation>“{name}”已写入</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
    <message>
        <source>Cancelled: nothing was written.</source>
        <translation>已取消：没有写入任何内容。</translation>
    </message>
    <message>
        <source>! Only the weights will stay in this file; all else in it goes. {others}</source>
        <translation>! 这个文件里将只剩权重，其余内容都会消失。{others}</translation>
    </message>
    <message>
        <source>The numbers are already {dtype}: choose “Keep as they are”.</source>
        <translation>数值已经是 {dtype}：请选择“保持不变”。</translation>
    </message>
    <message>
        <source>! It is then read again: undo and the list of changes begin anew.</source>
        <translation>! 之后会重新读取它：撤销和更改列表将从头开始。</translation>
    </message>
</context>
<context>
    <name>ExportForm</name>
    <message>
        <source>File to write</source>
        <translation>要写入的文件</translation>
    </message>
    <message>
        <source>&amp;Browse…</source>
        <translation>浏览(&amp;B)…</translation>
    </message>
    <message>
        <source>&amp;PyTorch file (.pth)</source>
        <translation>PyTorch 文件 (.pth)(&amp;P)</translation>
    </message>
    <message>
        <source>What torch.load reads, from version 1.6 on.</source>
        <translation>torch.load 从 1.6 版起可以读取。</translation>
    </message>
    <message>
        <source>&amp;safetensors</source>
        <translation>safetensors(&amp;S)</translation>
    </message>
    <message>
        <source>Holds tensors only, can never run code, loads fast; Hugging Face and many others read it.</source>
        <translation>只包含张量，绝不会运行代码，加载快；Hugging Face 等许多程序都能读取。</translation>
    </message>
    <message>
        <source>For PyTorch before 1.&amp;6 (the older container)</source>
        <translation>用于 1.6 之前的 PyTorch（旧容器格式）(&amp;6)</translation>
    </message>
    <message>
        <source>PyTorch 1.5 and older cannot read today&apos;s container. Every version reads the older one.</source>
        <translation>PyTorch 1.5 及更早的版本无法读取现在的容器格式，而旧格式所有版本都能读取。</translation>
    </message>
    <message>
        <source>Spli&amp;t into parts of at most</source>
        <translation>拆分，每个分片最大(&amp;T)</translation>
    </message>
    <message>
        <source>Writes several files and an index, as Hugging Face&apos;s libraries do with large models. Open the index to load them all.</source>
        <translation>像 Hugging Face 的库处理大模型那样，写成多个文件和一个索引。打开索引即可全部加载。</translation>
    </message>
    <message>
        <source>Largest size of a part, in gigabytes</source>
        <translation>每个分片的最大大小，以 GB 为单位</translation>
    </message>
    <message>
        <source>The &amp;whole checkpoint</source>
        <translation>整个检查点(&amp;W)</translation>
    </message>
    <message>
        <source>Number type</source>
        <translation>数据类型</translation>
    </message>
    <message>
        <source>float16: half the size, for running on graphics cards</source>
        <translation>float16：大小减半，适合在显卡上运行</translation>
    </message>
    <message>
        <source>bfloat16: half the size, the range of float32</source>
        <translation>bfloat16：大小减半，范围与 float32 相同</translation>
    </message>
    <message>
        <source>float32: full precision</source>
        <translation>float32：完整精度</translation>
    </message>
    <message>
        <source>PyTorch puts each tensor back where it was when it was saved, and fails on a computer that has no such graphics card, unless it is told map_location.</source>
        <translation>PyTorch 会把每个张量放回保存时所在的位置；在没有该显卡的计算机上会失败，除非指定 map_location。</translation>
    </message>
    <message>
        <source>&amp;Metadata</source>
        <translation>元数据(&amp;M)</translation>
    </message>
    <message>
        <source>F&amp;ile</source>
        <translation>文件(&amp;I)</translation>
    </message>
    <message>
        <source>Format</source>
        <translation>格式</translation>
    </message>
    <message>
        <source>Content</source>
        <translation>内容</translation>
    </message>
    <message>
        <source>&amp;Numbers</source>
        <translation>数值(&amp;N)</translation>
    </message>
    <message>
        <source>&amp;Only the weights: 1 tensor</source>
        <translation>仅权重(&amp;O)：1 个张量</translation>
    </message>
    <message>
        <source>&amp;Only the weights: {count} tensors</source>
        <translation>仅权重(&amp;O)：{count} 个张量</translation>
    </message>
    <message>
        <source> of “{label}”</source>
        <translation>，来自“{label}”</translation>
    </message>
    <message>
        <source>For computers without {devices} too: record the tensors as saved on the &amp;CPU</source>
        <translation>也适用于没有 {devices} 的计算机：把张量记录为保存在 &amp;CPU 上</translation>
    </message>
    <message>
        <source>This file holds nothing but the weights.</source>
        <translation>这个文件只包含权重。</translation>
    </message>
    <message>
        <source>This file holds no weights, but other things.</source>
        <translation>这个文件不含权重，只有其他内容。</translation>
    </message>
    <message>
        <source>Also inside: the module object itself, with the names of its classes.</source>
        <translation>还包括：模块对象本身及其类的名称。</translation>
    </message>
    <message>
        <source>Also inside: what surrounds these weights.</source>
        <translation>还包括：这些权重之外的内容。</translation>
    </message>
    <message>
        <source>Also inside: {keys}</source>
        <translation>还包括：{keys}</translation>
    </message>
    <message>
        <source> ({count} sets of weights)</source>
        <translation>（{count} 组权重）</translation>
    </message>
    <message>
        <source>Export to</source>
        <translation>导出到</translation>
    </message>
    <message>
        <source>PyTorch file (*.pth *.pt *.bin *.ckpt)</source>
        <translation>PyTorch 文件 (*.pth *.pt *.bin *.ckpt)</translation>
    </message>
    <message>
        <source>safetensors (*.safetensors)</source>
        <translation>safetensors (*.safetensors)</translation>
    </message>
    <message>
        <source>All files (*)</source>
        <translation>所有文件 (*)</translation>
    </message>
    <message>
        <source>safetensors holds tensors only.</source>
        <translation>safetensors 只能包含张量。</translation>
    </message>
    <message>
        <source>&amp;Replace {count} existing files, among them “{name}”</source>
        <translation>替换 {count} 个已有文件，包括“{name}”(&amp;R)</translation>
    </message>
    <message>
        <source>&amp;Replace the file that is open now ({size}, of {day})</source>
        <translation>替换当前打开的文件(&amp;R)（{size}，{day}）</translation>
    </message>
    <message>
        <source>&amp;Replace the existing file ({size}, of {day})</source>
        <translation>替换已有文件(&amp;R)（{size}，{day}）</translation>
    </message>
    <message>
        <source>Say which file to write.</source>
        <translation>请指定要写入的文件。</translation>
    </message>
    <message>
        <source>Two lines of the metadata have the same key.</source>
        <translation>元数据中有两行的键相同。</translation>
    </message>
    <message>
        <source>This file holds the weights and 1 note, which is below (metadata).</source>
        <translation>此文件包含权重和 1 条附注，见下方（元数据）。</translation>
    </message>
    <message>
        <source>Keep as they are</source>
        <translation>保持不变</translation>
    </message>
    <message>
        <source>This file holds the weights and {count} notes, which are below (metadata).</source>
        <translation>此文件包含权重和 {count} 条附注，见下方（元数据）。</translation>
    </message>
    <message>
        <source>This file holds the weights and 1 note (metadata), which only safetensors keeps.</source>
        <translation>此文件包含权重和 1 条附注（元数据），只有 safetensors 会保留它。</translation>
    </message>
    <message>
        <source>This file holds the weights and {count} notes (metadata), which only safetensors keeps.</source>
        <translation>此文件包含权重和 {count} 条附注（元数据），只有 safetensors 会保留它们。</translation>
    </message>
</context>
<context>
    <name>ExportOutcome</name>
    <message>
        <source>Outcome</source>
        <translation>结果</translation>
    </message>
    <message>
        <source>What PyTorch would say</source>
        <translation>PyTorch 会怎么说</translation>
    </message>
    <message>
        <source>&amp;Show in folder</source>
        <translation>在文件夹中显示(&amp;S)</translation>
    </message>
    <message>
        <source>&amp;Copy PyTorch loading code</source>
        <translation>复制 PyTorch 加载代码(&amp;C)</translation>
    </message>
    <message>
        <source>A few lines of Python that load this file, for pasting into your script.</source>
        <translation>几行加载这个文件的 Python 代码，可以粘贴到您的脚本中。</translation>
    </message>
    <message>
        <source>&amp;Load it with PyTorch</source>
        <translation>用 PyTorch 加载(&amp;L)</translation>
    </message>
    <message>
        <source>Lets PyTorch itself read the file and, when a model was chosen, load it strictly.</source>
        <translation>让 PyTorch 自己读取这个文件；如果选择了模型，还会严格加载到模型中。</translation>
    </message>
    <message>
        <source>What PyTorch said</source>
        <translation>PyTorch 的反馈</translation>
    </message>
    <message>
        <source>Python that loads this file</source>
        <translation>加载此文件的 Python 代码</translation>
    </message>
    <message>
        <source>Verified: 1 tensor, {size}. It was read back and compared byte for byte.</source>
        <translation>已验证：1 个张量，{size}。写入后已重新读取并逐字节比对。</translation>
    </message>
    <message>
        <source>Verified: {count} tensors, {size}. They were read back and compared byte for byte.</source>
        <translation>已验证：{count} 个张量，{size}。写入后已重新读取并逐字节比对。</translation>
    </message>
    <message>
        <source>It took {seconds} s.</source>
        <translation>用时 {seconds} 秒。</translation>
    </message>
    <message>
        <source>{count} bytes</source>
        <translation>{count} 字节</translation>
    </message>
    <message>
        <source>PyTorch is loading it…</source>
        <translation>PyTorch 正在加载…</translation>
    </message>
    <message>
        <source>Loading with PyTorch</source>
        <translation>正在用 PyTorch 加载</translation>
    </message>
    <message>
        <source>PyTorch {version} does not read it with weights_only=True: {reason}</source>
        <translation>PyTorch {version} 无法以 weights_only=True 读取：{reason}</translation>
    </message>
    <message>
        <source>PyTorch {version} reads it.</source>
        <translation>PyTorch {version} 可以读取。</translation>
    </message>
    <message>
        <source>PyTorch {version} loads it into {model}: all names and shapes match.</source>
        <translation>PyTorch {version} 可以加载到 {model}：所有名称和形状都匹配。</translation>
    </message>
    <message>
        <source>PyTorch {version} reads it, but {model} refuses it: {reason}</source>
        <translation>PyTorch {version} 可以读取，但 {model} 拒绝加载：{reason}</translation>
    </message>
    <message>
        <source>✓ Copied</source>
        <translation>✓ 已复制</translation>
    </message>
    <message>
        <source>You can go on here; Undo still brings back what was in it before, until you close it.</source>
        <translation>可以在这里继续工作；在关闭它之前，“撤销”仍能恢复它以前的内容。</translation>
    </message>
    <message>
        <source>It is read again when you close this window; the list of changes begins anew.</source>
        <translation>关闭此窗口后会重新读取它；更改列表将从头开始。</translation>
    </message>
    <message>
        <source>PyTorch itself has not loaded it yet.</source>
        <translation>PyTorch 尚未加载过它。</translation>
    </message>
</context>
<context>
    <name>Facts</name>
    <message>
        <source>parameter</source>
        <translation>参数</translation>
    </message>
    <message>
        <source>buffer</source>
        <translation>缓冲区（buffer）</translation>
    </message>
    <message>
        <source>plain tensor</source>
        <translation>普通张量</translation>
    </message>
    <message>
        <source>Shape</source>
        <translation>形状</translation>
    </message>
    <message>
        <source>The sizes of the axes, outermost first. A layer&apos;s shape must equal the model&apos;s to be loaded.</source>
        <translation>各个轴的大小，最外层的轴在前。只有与模型中的形状相同，这一层才能加载。</translation>
    </message>
    <message>
        <source>{shape} ({values})</source>
        <translation>{shape} · {values}</translation>
    </message>
    <message>
        <source>Dtype</source>
        <translation>数据类型</translation>
    </message>
    <message>
        <source>How each number is stored: its kind and how many bits it has.</source>
        <translation>每个数值的存储方式：是哪一种数，占多少位。</translation>
    </message>
    <message>
        <source>{count} bytes each</source>
        <translation>每个值 {count} 字节</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>大小</translation>
    </message>
    <message>
        <source>The bytes of the values: how many there are, times the bytes of each.</source>
        <translation>所有值占用的字节数：值的个数乘以每个值的字节数。</translation>
    </message>
    <message>
        <source>{count} bytes</source>
        <translation>{count} 字节</translation>
    </message>
    <message>
        <source>Device</source>
        <translation>设备</translation>
    </message>
    <message>
        <source>Where it was when the file was saved. PyTorch puts it there again unless told otherwise.</source>
        <translation>保存文件时张量所在的设备。除非另行指定，PyTorch 会把它放回那里。</translation>
    </message>
    <message>
        <source>Kind</source>
        <translation>类别</translation>
    </message>
    <message>
        <source>A parameter is trained; a buffer is kept along with it. Most files do not say which is which.</source>
        <translation>参数会被训练；缓冲区（buffer）随模型一起保存。多数文件并不记录哪个是参数、哪个是缓冲区。</translation>
    </message>
    <message>
        <source>recorded as trainable</source>
        <translation>记录为可训练</translation>
    </message>
    <message>
        <source>Form</source>
        <translation>形式</translation>
    </message>
    <message>
        <source>What makes this tensor more than a block of numbers.</source>
        <translation>这个张量与普通数值块的不同之处。</translation>
    </message>
    <message>
        <source>Layout</source>
        <translation>内存布局</translation>
    </message>
    <message>
        <source>Strides say how many values lie between neighbours along each axis of the stored block.</source>
        <translation>步长（stride）表示：沿某个轴相邻的两个值，在存储块中相隔多少个值。</translation>
    </message>
    <message>
        <source>strides {strides}, beginning at value {offset}</source>
        <translation>步长 {strides}，从第 {offset} 个值开始</translation>
    </message>
    <message>
        <source>Storage</source>
        <translation>存储块</translation>
    </message>
    <message>
        <source>The block of bytes this tensor looks into. PyTorch saves all of it, even for a small part.</source>
        <translation>这个张量所引用的字节块（storage）。哪怕只用到其中一小部分，PyTorch 也会保存整块。</translation>
    </message>
    <message>
        <source>a part of {size}</source>
        <translation>{size} 中的一部分</translation>
    </message>
    <message>
        <source>Tied with</source>
        <translation>共享对象</translation>
    </message>
    <message>
        <source>Tensors that share their bytes: a change of one is a change of all.</source>
        <translation>与它共用同一份数据的张量：改动其中一个，其他的也随之改变。</translation>
    </message>
    <message>
        <source>sparse ({layout}), {count} values stored</source>
        <translation>稀疏（{layout}），存储了 {count} 个值</translation>
    </message>
    <message>
        <source>nested: a list of tensors of different lengths</source>
        <translation>嵌套：由长度不同的张量组成的列表</translation>
    </message>
    <message>
        <source>quantised: integers that stand for real numbers</source>
        <translation>量化：用整数表示实数</translation>
    </message>
    <message>
        <source>negated or conjugated when read</source>
        <translation>读取时取负或取共轭</translation>
    </message>
    <message>
        <source>without values (device “meta”)</source>
        <translation>没有值（设备为“meta”）</translation>
    </message>
    <message>
        <source>repeats the same values along an axis</source>
        <translation>沿某个轴重复相同的值</translation>
    </message>
    <message>
        <source>row by row, no gaps</source>
        <translation>按行连续，没有间隔</translation>
    </message>
    <message>
        <source>no gaps, axes in another order</source>
        <translation>连续，但轴的顺序不同</translation>
    </message>
    <message>
        <source>with gaps: a slice of something larger</source>
        <translation>有间隔：是更大张量的切片</translation>
    </message>
    <message>
        <source>As stored</source>
        <translation>按存储的形式</translation>
    </message>
    <message>
        <source>{count} ({percent} %)</source>
        <translation>{count}（{percent} %）</translation>
    </message>
    <message>
        <source>Values</source>
        <translation>值</translation>
    </message>
    <message>
        <source>Smallest</source>
        <translation>最小</translation>
    </message>
    <message>
        <source>The smallest value (NaN and infinities aside).</source>
        <translation>最小的值（不计 NaN 和无穷大）。</translation>
    </message>
    <message>
        <source>Largest</source>
        <translation>最大</translation>
    </message>
    <message>
        <source>The largest value (NaN and infinities aside).</source>
        <translation>最大的值（不计 NaN 和无穷大）。</translation>
    </message>
    <message>
        <source>Mean</source>
        <translation>均值</translation>
    </message>
    <message>
        <source>The average of the values.</source>
        <translation>所有值的平均数。</translation>
    </message>
    <message>
        <source>Std</source>
        <translation>标准差</translation>
    </message>
    <message>
        <source>Standard deviation: how far the values typically lie from their mean.</source>
        <translation>标准差：各个值通常偏离均值多远。</translation>
    </message>
    <message>
        <source>Norm</source>
        <translation>范数</translation>
    </message>
    <message>
        <source>Length of the tensor as a vector: the root of the sum of squares.</source>
        <translation>把张量看作向量时的长度：平方和的平方根。</translation>
    </message>
    <message>
        <source>Zeros</source>
        <translation>零值</translation>
    </message>
    <message>
        <source>Values that are exactly 0. Many of them: pruned, or never trained.</source>
        <translation>恰好等于 0 的值。零值很多，说明经过剪枝，或从未训练过。</translation>
    </message>
    <message>
        <source>NaN</source>
        <translation>NaN</translation>
    </message>
    <message>
        <source>“Not a number”: the result of a failed computation. A network with one of them is broken.</source>
        <translation>“非数”（Not a Number）：计算出错的结果。只要有一个 NaN，网络就无法正常工作。</translation>
    </message>
    <message>
        <source>Infinite</source>
        <translation>无穷大</translation>
    </message>
    <message>
        <source>Values that outgrew their dtype; training diverged or a conversion overflowed.</source>
        <translation>超出数据类型范围的值：训练发散，或转换时溢出。</translation>
    </message>
    <message>
        <source>the same values</source>
        <translation>值完全相同</translation>
    </message>
    <message>
        <source>they differ</source>
        <translation>值不相同</translation>
    </message>
    <message>
        <source>other shapes: not comparable</source>
        <translation>形状不同，无法比较</translation>
    </message>
    <message>
        <source>Difference</source>
        <translation>差异</translation>
    </message>
    <message>
        <source>Verdict</source>
        <translation>结论</translation>
    </message>
    <message>
        <source>Whether every value is the same in both.</source>
        <translation>两个张量的每个值是否都相同。</translation>
    </message>
    <message>
        <source>Max. difference</source>
        <translation>最大差</translation>
    </message>
    <message>
        <source>The largest difference between two values at the same place.</source>
        <translation>同一位置上两个值之间的最大差。</translation>
    </message>
    <message>
        <source>Relative (L2)</source>
        <translation>相对差异（L2）</translation>
    </message>
    <message>
        <source>Length of the difference divided by that of the first tensor: 0 is equal, 1 as large as itself.</source>
        <translation>差的长度除以第一个张量的长度：0 表示相等，1 表示差异与它本身一样大。</translation>
    </message>
    <message>
        <source>Cosine</source>
        <translation>余弦</translation>
    </message>
    <message>
        <source>Of the angle between the two as vectors: 1 is the same direction, 0 unrelated.</source>
        <translation>把两个张量看作向量时夹角的余弦：1 表示方向相同，0 表示互不相关。</translation>
    </message>
    <message>
        <source>Tensors</source>
        <translation>张量</translation>
    </message>
    <message>
        <source>How many are selected.</source>
        <translation>选中了多少个张量。</translation>
    </message>
    <message>
        <source>All values together; those of tied tensors count once.</source>
        <translation>所有值的总数；共享数据的张量只计一次。</translation>
    </message>
    <message>
        <source>The bytes of the values.</source>
        <translation>所有值占用的字节数。</translation>
    </message>
    <message>
        <source>Without ties</source>
        <translation>去除重复后</translation>
    </message>
    <message>
        <source>Tensors that share their bytes need them only once.</source>
        <translation>共享数据的张量只占用一份空间。</translation>
    </message>
    <message>
        <source>Dtypes</source>
        <translation>数据类型</translation>
    </message>
    <message>
        <source>How the numbers are stored.</source>
        <translation>数值的存储方式。</translation>
    </message>
    <message>
        <source>Devices</source>
        <translation>设备</translation>
    </message>
    <message>
        <source>Where they were when the file was saved.</source>
        <translation>保存文件时张量所在的设备。</translation>
    </message>
    <message>
        <source>Largest tensors</source>
        <translation>最大的张量</translation>
    </message>
    <message>
        <source>Most frequent shapes</source>
        <translation>最常见的形状</translation>
    </message>
    <message>
        <source>How many tensors have this shape.</source>
        <translation>有多少个张量是这种形状。</translation>
    </message>
    <message>
        <source>{count} other shapes</source>
        <translation>其他 {count} 种形状</translation>
    </message>
</context>
<context>
    <name>FactsModel</name>
    <message>
        <source>Fact</source>
        <translation>项目</translation>
    </message>
</context>
<context>
    <name>FactsView</name>
    <message>
        <source>Facts about the selected tensors</source>
        <translation>所选张量的信息</translation>
    </message>
</context>
<context>
    <name>Fields</name>
    <message>
        <source>Clear the field</source>
        <translation>清空输入框</translation>
    </message>
</context>
<context>
    <name>Figures</name>
    <message>
        <source>one number</source>
        <translation>标量</translation>
    </message>
    <message>
        <source>, </source>
        <translation>，</translation>
    </message>
    <message>
        <source>1 value</source>
        <translation>1 个值</translation>
    </message>
    <message>
        <source>{count} values</source>
        <translation>{count} 个值</translation>
    </message>
    <message>
        <source>{count} bytes</source>
        <translation>{count} 字节</translation>
    </message>
</context>
<context>
    <name>FilePage</name>
    <message>
        <source>Python file</source>
        <translation>Python 文件</translation>
    </message>
    <message>
        <source>the .py file that defines the model</source>
        <translation>定义模型的 .py 文件</translation>
    </message>
    <message>
        <source>&amp;Browse…</source>
        <translation>浏览(&amp;B)…</translation>
    </message>
    <message>
        <source>Classes and functions in the file</source>
        <translation>文件中的类和函数</translation>
    </message>
    <message>
        <source>Run with</source>
        <translation>运行环境</translation>
    </message>
    <message>
        <source>Choose a Python file</source>
        <translation>选择 Python 文件</translation>
    </message>
    <message>
        <source>Python files (*.py)</source>
        <translation>Python 文件 (*.py)</translation>
    </message>
    <message>
        <source>No class or function of this file looks like a model.</source>
        <translation>这个文件中没有看起来像模型的类或函数。</translation>
    </message>
    <message>
        <source>class</source>
        <translation>类</translation>
    </message>
    <message>
        <source>function</source>
        <translation>函数</translation>
    </message>
    <message>
        <source>{sort} {name}, line {line}</source>
        <translation>{sort} {name}，第 {line} 行</translation>
    </message>
    <message>
        <source>There is no file “{path}”.</source>
        <translation>文件“{path}”不存在。</translation>
    </message>
    <message>
        <source>Choose the Python file that defines the model. Its code is read, not run, for the list.</source>
        <translation>请选择定义模型的 Python 文件。列出内容时只读取代码，不会运行。</translation>
    </message>
    <message>
        <source>Opening {name}…</source>
        <translation>正在打开 {name}…</translation>
    </message>
    <message>
        <source>Reading the list of tensors</source>
        <translation>正在读取张量列表</translation>
    </message>
    <message>
        <source>Progress of opening</source>
        <translation>打开进度</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>{name} could not be opened</source>
        <translation>无法打开 {name}</translation>
    </message>
    <message>
        <source>Details</source>
        <translation>详细信息</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>重试</translation>
    </message>
    <message>
        <source>Close tab</source>
        <translation>关闭标签页</translation>
    </message>
</context>
<context>
    <name>FillDialog</name>
    <message>
        <source>It is taken from the checkpoint that this file is compared with.</source>
        <translation>它取自与本文件比较的检查点。</translation>
    </message>
    <message>
        <source>They are taken from the checkpoint that this file is compared with.</source>
        <translation>这些张量取自用来比较的检查点。</translation>
    </message>
    <message>
        <source>It only counts training steps; zero is what PyTorch itself begins with.</source>
        <translation>它只统计训练步数；PyTorch 本身也从零开始。</translation>
    </message>
    <message>
        <source>They only count training steps; zero is what PyTorch itself begins with.</source>
        <translation>它们只用来统计训练步数；PyTorch 自己也是从零开始。</translation>
    </message>
    <message>
        <source>It gets the values that the model has when it is freshly built. This layer has learned nothing yet: the model loads, but has to be trained before it is of use.</source>
        <translation>它将取得模型刚建好时的数值。这一层还没有学到任何东西：模型可以加载，但必须训练后才有用。</translation>
    </message>
    <message>
        <source>They get the values that the model has when it is freshly built. These layers have learned nothing yet: the model loads, but has to be trained before they are of use.</source>
        <translation>它们会得到模型刚构建时的初始值。这些层还没有学到任何东西：模型可以加载，但必须先训练才能使用。</translation>
    </message>
    <message>
        <source>Fill missing</source>
        <translation>填补缺失</translation>
    </message>
    <message>
        <source>Fill in the missing tensor?</source>
        <translation>要填补缺失的张量吗？</translation>
    </message>
    <message>
        <source>Fill in the {count} missing tensors?</source>
        <translation>要填补 {count} 个缺失的张量吗？</translation>
    </message>
    <message>
        <source>Missing tensors</source>
        <translation>缺失的张量</translation>
    </message>
    <message>
        <source>Missing tensor</source>
        <translation>缺失的张量</translation>
    </message>
    <message>
        <source>… and {count} more</source>
        <translation>… 还有 {count} 个</translation>
    </message>
    <message>
        <source>Seed</source>
        <translation>种子</translation>
    </message>
    <message>
        <source>The same number gives the same random values again.</source>
        <translation>同样的数字会得到同样的随机值。</translation>
    </message>
    <message>
        <source>&amp;Random seed</source>
        <translation>随机种子(&amp;R)</translation>
    </message>
    <message>
        <source>Building the model</source>
        <translation>正在构建模型</translation>
    </message>
    <message>
        <source>Fill 1 tensor</source>
        <translation>填补 1 个张量</translation>
    </message>
    <message>
        <source>Fill {count} tensors</source>
        <translation>填补 {count} 个张量</translation>
    </message>
    <message>
        <source>Filling in</source>
        <translation>正在填补</translation>
    </message>
</context>
<context>
    <name>FilterBox</name>
    <message>
        <source>Filter names</source>
        <translation>筛选名称</translation>
    </message>
    <message>
        <source>How the filter reads the text</source>
        <translation>筛选器如何理解输入的文字</translation>
    </message>
    <message>
        <source>How the text is read</source>
        <translation>文字的含义</translation>
    </message>
    <message>
        <source>Names found</source>
        <translation>找到的名称</translation>
    </message>
    <message>
        <source>Contains the text</source>
        <translation>包含文字</translation>
    </message>
    <message>
        <source>“conv” finds every name with “conv” in it; “layer1 conv” those with both</source>
        <translation>“conv”找出所有含“conv”的名称；“layer1 conv”找出两者都含的名称</translation>
    </message>
    <message>
        <source>Wildcards  * ?</source>
        <translation>通配符  * ?</translation>
    </message>
    <message>
        <source>“layer*.weight”: * stands for any letters, ? for one</source>
        <translation>“layer*.weight”：* 代表任意多个字符，? 代表一个字符</translation>
    </message>
    <message>
        <source>Regular expression</source>
        <translation>正则表达式</translation>
    </message>
    <message>
        <source>Python&apos;s patterns, for example “layer[12]\.”</source>
        <translation>Python 正则表达式，例如“layer[12]\.”</translation>
    </message>
    <message>
        <source>Searched before</source>
        <translation>以前搜索过的内容</translation>
    </message>
    <message>
        <source>{found} of {total}</source>
        <translation>{found} / {total}</translation>
    </message>
    <message>
        <source>Filter, for example layer*.weight</source>
        <translation>筛选，例如 layer*.weight</translation>
    </message>
    <message>
        <source>Filter by regular expression</source>
        <translation>用正则表达式筛选</translation>
    </message>
    <message>
        <source>This is no complete regular expression (yet).</source>
        <translation>这个正则表达式（还）不完整。</translation>
    </message>
    <message>
        <source>This expression might run without end; make it simpler.</source>
        <translation>这个表达式可能永远运行不完，请简化。</translation>
    </message>
    <message>
        <source>Shapes look like [*,3,7,7], sizes like &gt;10MB.</source>
        <translation>形状写成 [*,3,7,7] 的样子，大小写成 &gt;10MB 的样子。</translation>
    </message>
    <message>
        <source>too complicated</source>
        <translation>过于复杂</translation>
    </message>
    <message>
        <source>incomplete</source>
        <translation>不完整</translation>
    </message>
    <message>
        <source>&lt;p&gt;Words are looked for in the names. These find more:&lt;/p&gt;&lt;p&gt;&lt;b&gt;dtype:float16&lt;/b&gt; &amp;nbsp; the number type&lt;br&gt;&lt;b&gt;shape:[*,3,7,7]&lt;/b&gt; &amp;nbsp; * is any size, ... any number of axes&lt;br&gt;&lt;b&gt;device:cuda&lt;/b&gt; &amp;nbsp; where the tensor was when it was saved&lt;br&gt;&lt;b&gt;size:&amp;gt;10MB&lt;/b&gt; &amp;nbsp; larger or smaller (&amp;lt;) than&lt;br&gt;&lt;b&gt;status:unexpected&lt;/b&gt; &amp;nbsp; how it compares with the model&lt;br&gt;&lt;b&gt;health:nan&lt;/b&gt; &amp;nbsp; what a check of the values found; bad and good, too&lt;/p&gt;&lt;p&gt;Several together must all hold. The up arrow brings back what was searched before.&lt;/p&gt;</source>
        <translation>&lt;p&gt;输入的文字会在名称中查找。还可以这样查找：&lt;/p&gt;&lt;p&gt;&lt;b&gt;dtype:float16&lt;/b&gt; &amp;nbsp; 数据类型&lt;br&gt;&lt;b&gt;shape:[*,3,7,7]&lt;/b&gt; &amp;nbsp; * 代表任意大小，... 代表任意多个轴&lt;br&gt;&lt;b&gt;device:cuda&lt;/b&gt; &amp;nbsp; 保存时张量所在的设备&lt;br&gt;&lt;b&gt;size:&amp;gt;10MB&lt;/b&gt; &amp;nbsp; 大于或小于（&amp;lt;）指定的大小&lt;br&gt;&lt;b&gt;status:unexpected&lt;/b&gt; &amp;nbsp; 与模型比较的结果&lt;br&gt;&lt;b&gt;health:nan&lt;/b&gt; &amp;nbsp; 数值检查的结果；也可写 bad 或 good&lt;/p&gt;&lt;p&gt;写出多个条件时必须全部满足。按向上键可以找回以前搜索过的内容。&lt;/p&gt;</translation>
    </message>
</context>
<context>
    <name>FindingsDialog</name>
    <message>
        <source>What was found in this file</source>
        <translation>在这个文件中发现的情况</translation>
    </message>
    <message>
        <source>This file would run code when PyTorch loads it without weights_only.</source>
        <translation>如果 PyTorch 加载时不使用 weights_only，这个文件会运行代码。</translation>
    </message>
    <message>
        <source>Nothing in this file would be run by loading it.</source>
        <translation>加载这个文件不会运行其中的任何内容。</translation>
    </message>
    <message>
        <source>To load this file, PyTorch runs code of well-known libraries, and no other.</source>
        <translation>要加载此文件，PyTorch 只会运行知名库的代码，不会运行其他代码。</translation>
    </message>
    <message>
        <source>This file is a program as well as weights. PyTorch runs it when the model is used; use it only where you trust its origin.</source>
        <translation>这个文件既有权重，也是程序。PyTorch 在使用模型时运行它；只在您信任其来源时使用。</translation>
    </message>
    <message>
        <source>To load this file, PyTorch would run code that nobody here can judge. That is usual for a model that was saved whole; load it only where you trust its origin.</source>
        <translation>要加载此文件，PyTorch 会运行此处无法判断的代码。整体保存的模型通常如此；只有在信任其来源时才加载它。</translation>
    </message>
    <message>
        <source>Ckpt Studio reads files without running anything from them, so that opening it here was safe.</source>
        <translation>Ckpt Studio 读取文件时不会运行其中的任何内容，所以在这里打开是安全的。</translation>
    </message>
    <message>
        <source>Danger</source>
        <translation>危险</translation>
    </message>
    <message>
        <source>Warning</source>
        <translation>警告</translation>
    </message>
    <message>
        <source>Note</source>
        <translation>提示</translation>
    </message>
    <message>
        <source>Findings</source>
        <translation>发现的情况</translation>
    </message>
    <message>
        <source>{severity}: {sentence}</source>
        <translation>{severity}：{sentence}</translation>
    </message>
    <message>
        <source>Nothing to report.</source>
        <translation>没有需要报告的情况。</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
</context>
<context>
    <name>FindingsModel</name>
    <message>
        <source>Danger</source>
        <translation>危险</translation>
    </message>
    <message>
        <source>Warning</source>
        <translation>警告</translation>
    </message>
    <message>
        <source>Note</source>
        <translation>提示</translation>
    </message>
    <message>
        <source>Severity</source>
        <translation>严重程度</translation>
    </message>
    <message>
        <source>Finding</source>
        <translation>发现的情况</translation>
    </message>
    <message>
        <source>{count} tensors are all zeros</source>
        <translation>{count} 个张量全为零</translation>
    </message>
    <message>
        <source>{count} tensors hold NaN values. A network with them computes nothing but NaN.</source>
        <translation>{count} 个张量含有 NaN 值。网络由它们只能算出 NaN。</translation>
    </message>
    <message>
        <source>{count} tensors hold infinite values</source>
        <translation>{count} 个张量含有无穷值</translation>
    </message>
    <message>
        <source>{count} tensors hold very large values</source>
        <translation>{count} 个张量含有非常大的值</translation>
    </message>
    <message>
        <source>{count} tensors hold one value each</source>
        <translation>{count} 个张量各自只含一个值</translation>
    </message>
    <message>
        <source>{count} tensors hold values that float16 cannot</source>
        <translation>{count} 个张量含有 float16 无法表示的值</translation>
    </message>
    <message>
        <source>{count} tensors have copies, stored again</source>
        <translation>{count} 个张量有重复存储的副本</translation>
    </message>
    <message>
        <source>{count} tensors share their storage with others</source>
        <translation>{count} 个张量与其他张量共享存储</translation>
    </message>
    <message>
        <source>{count} tensors use a small part of their storage</source>
        <translation>{count} 个张量只用到其存储的一小部分</translation>
    </message>
    <message>
        <source>{count} notes of one kind</source>
        <translation>{count} 条同类提示</translation>
    </message>
    <message>
        <source>Click or press Enter to list them</source>
        <translation>单击或按回车键可逐一列出</translation>
    </message>
</context>
<context>
    <name>FolderModel</name>
    <message>
        <source>Name</source>
        <translation>名称</translation>
    </message>
    <message>
        <source>Architecture</source>
        <translation>架构</translation>
    </message>
    <message>
        <source>Tensors</source>
        <translation>张量</translation>
    </message>
    <message>
        <source>Parameters</source>
        <translation>参数</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>大小</translation>
    </message>
    <message>
        <source>Epoch</source>
        <translation>轮次</translation>
    </message>
    <message>
        <source>Dtype</source>
        <translation>数据类型</translation>
    </message>
    <message>
        <source>Date</source>
        <translation>日期</translation>
    </message>
    <message>
        <source>The file, from this folder on</source>
        <translation>文件，从此文件夹算起的路径</translation>
    </message>
    <message>
        <source>The model that the weights are of: by their names and shapes, or as the file says</source>
        <translation>权重所属的模型：按名称和形状判断，或据文件记录</translation>
    </message>
    <message>
        <source>How many tensors the weights are</source>
        <translation>权重共有多少个张量</translation>
    </message>
    <message>
        <source>How many numbers the weights are together: k thousands, M millions, G billions</source>
        <translation>权重一共有多少个数：k 为千，M 为百万，G 为十亿</translation>
    </message>
    <message>
        <source>How much room the file takes</source>
        <translation>文件占用的空间</translation>
    </message>
    <message>
        <source>How many times training had gone through its data, as the file says</source>
        <translation>据文件记录，训练已把数据过了多少遍</translation>
    </message>
    <message>
        <source>The kind of number that most of the weights are</source>
        <translation>多数权重所用的数值类型</translation>
    </message>
    <message>
        <source>When the file was written last</source>
        <translation>文件最后一次写入的时间</translation>
    </message>
    <message>
        <source>No architecture that is known here has these names and shapes</source>
        <translation>这里已知的架构都没有这样的名称和形状</translation>
    </message>
    <message>
        <source>Nothing in this file maps names to tensors</source>
        <translation>文件中没有名称到张量的映射</translation>
    </message>
    <message>
        <source>cannot be read</source>
        <translation>无法读取</translation>
    </message>
    <message>
        <source>no weights</source>
        <translation>没有权重</translation>
    </message>
</context>
<context>
    <name>FolderWindow</name>
    <message>
        <source>Checkpoints of a folder</source>
        <translation>文件夹中的检查点</translation>
    </message>
    <message>
        <source>&amp;Another folder…</source>
        <translation>另一个文件夹(&amp;A)…</translation>
    </message>
    <message>
        <source>&amp;Folders inside too</source>
        <translation>包括子文件夹(&amp;F)</translation>
    </message>
    <message>
        <source>Checkpoints of the folder</source>
        <translation>这个文件夹中的检查点</translation>
    </message>
    <message>
        <source>&amp;Open</source>
        <translation>打开(&amp;O)</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
    <message>
        <source>Reading the files</source>
        <translation>正在读取文件</translation>
    </message>
    <message>
        <source>1 file</source>
        <translation>1 个文件</translation>
    </message>
    <message>
        <source>{count} files</source>
        <translation>{count} 个文件</translation>
    </message>
    <message>
        <source>{files} so far, reading…</source>
        <translation>目前有 {files}，正在读取…</translation>
    </message>
    <message>
        <source>No checkpoints here. Their names end in .pth, .pt, .ckpt, .safetensors …</source>
        <translation>这里没有检查点。检查点的文件名以这些结尾：.pth、.pt、.ckpt、.safetensors …</translation>
    </message>
    <message>
        <source>Con&amp;vert 1 file…</source>
        <translation>转换 1 个文件(&amp;V)…</translation>
    </message>
    <message>
        <source>Con&amp;vert {count} files…</source>
        <translation>转换 {count} 个文件(&amp;V)…</translation>
    </message>
    <message>
        <source>Con&amp;vert all…</source>
        <translation>全部转换(&amp;V)…</translation>
    </message>
    <message>
        <source>Choose a folder</source>
        <translation>选择文件夹</translation>
    </message>
</context>
<context>
    <name>GeneralPage</name>
    <message>
        <source>As the system</source>
        <translation>跟随系统</translation>
    </message>
    <message>
        <source>Open files, changes and models stay as they are</source>
        <translation>打开的文件、更改和模型都保持不变</translation>
    </message>
    <message>
        <source>Light</source>
        <translation>浅色</translation>
    </message>
    <message>
        <source>Dark</source>
        <translation>深色</translation>
    </message>
    <message>
        <source> %</source>
        <translation> %</translation>
    </message>
    <message>
        <source>100 % is the size that the system asks for. Ctrl++ and Ctrl+- do the same.</source>
        <translation>100 % 是系统要求的大小。也可以用 Ctrl++ 和 Ctrl+-。</translation>
    </message>
    <message>
        <source>&amp;Open the files again that were open at the end</source>
        <translation>重新打开上次退出时打开的文件(&amp;O)</translation>
    </message>
    <message>
        <source>none</source>
        <translation>无</translation>
    </message>
    <message>
        <source>So many are listed on the start page and in the menu File, Open recent</source>
        <translation>起始页和“文件 → 打开最近的文件”中最多列出的数量</translation>
    </message>
    <message>
        <source>Empties the list; the files themselves stay where they are</source>
        <translation>清空列表；文件本身不受影响</translation>
    </message>
    <message>
        <source>&amp;Language</source>
        <translation>语言(&amp;L)</translation>
    </message>
    <message>
        <source>&amp;Colours</source>
        <translation>颜色(&amp;C)</translation>
    </message>
    <message>
        <source>&amp;Size of the text</source>
        <translation>文字大小(&amp;S)</translation>
    </message>
    <message>
        <source>At the start</source>
        <translation>启动时</translation>
    </message>
    <message>
        <source>&amp;Recent files</source>
        <translation>最近的文件(&amp;R)</translation>
    </message>
    <message>
        <source>&amp;Forget 1 file</source>
        <translation>清除 1 个文件(&amp;F)</translation>
    </message>
    <message>
        <source>&amp;Forget {count} files</source>
        <translation>清除 {count} 个文件(&amp;F)</translation>
    </message>
</context>
<context>
    <name>GuideDialog</name>
    <message>
        <source>User guide</source>
        <translation>使用指南</translation>
    </message>
    <message>
        <source>Search the guide</source>
        <translation>在指南中搜索</translation>
    </message>
    <message>
        <source>&amp;Next</source>
        <translation>下一个(&amp;N)</translation>
    </message>
    <message>
        <source>Contents</source>
        <translation>目录</translation>
    </message>
    <message>
        <source>not found</source>
        <translation>未找到</translation>
    </message>
    <message>
        <source>{count} found</source>
        <translation>找到 {count} 处</translation>
    </message>
</context>
<context>
    <name>HeatMapCanvas</name>
    <message>
        <source>Heat map</source>
        <translation>热力图</translation>
    </message>
    <message>
        <source>{rows} rows and {columns} columns; colours from {low} to {high}. Arrow keys read values.</source>
        <translation>{rows} 行 {columns} 列；颜色从 {low} 到 {high}。用方向键读取各个值。</translation>
    </message>
    <message>
        <source>{index}: {value}</source>
        <translation>{index}：{value}</translation>
    </message>
    <message>
        <source>row {row}, column {column}: {value}</source>
        <translation>第 {row} 行，第 {column} 列：{value}</translation>
    </message>
</context>
<context>
    <name>HeatMapPage</name>
    <message>
        <source>Too large to show whole: one of {rows} rows and one of {columns} columns is shown.</source>
        <translation>太大，无法完整显示：每 {rows} 行显示一行，每 {columns} 列显示一列。</translation>
    </message>
    <message>
        <source>Too many rows to show all: one of {rows} is shown.</source>
        <translation>行太多，无法全部显示：每 {rows} 行显示一行。</translation>
    </message>
    <message>
        <source>Too many columns to show all: one of {columns} is shown.</source>
        <translation>列太多，无法全部显示：每 {columns} 列显示一列。</translation>
    </message>
</context>
<context>
    <name>HistogramView</name>
    <message>
        <source>Histogram</source>
        <translation>直方图</translation>
    </message>
    <message>
        <source>Values from {low} to {high}</source>
        <translation>{low} 到 {high} 之间的值</translation>
    </message>
    <message>
        <source>{values} from {low} to {high}</source>
        <translation>{values}在 {low} 到 {high} 之间</translation>
    </message>
</context>
<context>
    <name>HistoryModel</name>
    <message>
        <source>{name} as opened</source>
        <translation>{name}（刚打开时）</translation>
    </message>
    <message>
        <source>   (exported)</source>
        <translation>   （已导出）</translation>
    </message>
    <message>
        <source>{step}: you are here</source>
        <translation>{step}：当前所在位置</translation>
    </message>
    <message>
        <source>{step}: undone; click to do it again</source>
        <translation>{step}：已撤销；点击可重做</translation>
    </message>
    <message>
        <source>{step}: click to go back to here</source>
        <translation>{step}：点击可回到这里</translation>
    </message>
    <message>
        <source>   (exported to {name})</source>
        <translation>   （已导出到 {name}）</translation>
    </message>
</context>
<context>
    <name>HistoryPane</name>
    <message>
        <source>Every change you make is listed here. Click a line to go back to that state or forward again; the file on disk stays as it is until you export.</source>
        <translation>您所做的每次更改都会列在这里。点击一行即可回到当时的状态，也可以再次前进；导出之前，磁盘上的文件不会改变。</translation>
    </message>
    <message>
        <source>Changes</source>
        <translation>更改</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>撤销</translation>
    </message>
    <message>
        <source>Redo</source>
        <translation>重做</translation>
    </message>
    <message>
        <source>Ed&amp;it…</source>
        <translation>编辑(&amp;I)…</translation>
    </message>
    <message>
        <source>Writes these changes to a small file, so that they can be applied to another checkpoint.</source>
        <translation>把这些更改写入一个小文件，以便应用到其他检查点。</translation>
    </message>
    <message>
        <source>Applies changes that were saved as a recipe to this file.</source>
        <translation>把存为配方的更改应用到这个文件。</translation>
    </message>
    <message>
        <source>Opens these changes as a recipe: change a step in words, move it, leave it out, save it.</source>
        <translation>把这些更改作为配方打开：用文字修改步骤、移动、停用或保存。</translation>
    </message>
    <message>
        <source>&amp;Save as recipe…</source>
        <translation>另存为配方(&amp;S)…</translation>
    </message>
    <message>
        <source>&amp;Copy as Python</source>
        <translation>复制为 Python 代码(&amp;C)</translation>
    </message>
    <message>
        <source>Copies a short script of plain PyTorch that makes the same changes, without Ckpt Studio.</source>
        <translation>复制一段简短的纯 PyTorch 脚本，无需 Ckpt Studio 即可做出同样的更改。</translation>
    </message>
    <message>
        <source>&amp;Apply recipe…</source>
        <translation>应用配方(&amp;A)…</translation>
    </message>
    <message>
        <source>Recipe</source>
        <translation>配方</translation>
    </message>
    <message>
        <source>These changes as a list that can be edited, saved and applied again</source>
        <translation>这些更改可作为列表编辑、保存并再次应用</translation>
    </message>
    <message>
        <source>No changes to export</source>
        <translation>没有要导出的更改</translation>
    </message>
    <message>
        <source>Back at the file as opened</source>
        <translation>已回到刚打开时的状态</translation>
    </message>
    <message>
        <source>Save as recipe</source>
        <translation>存为配方</translation>
    </message>
    <message>
        <source>Recipes (*.json)</source>
        <translation>配方 (*.json)</translation>
    </message>
    <message>
        <source>Apply recipe</source>
        <translation>应用配方</translation>
    </message>
    <message>
        <source>The recipe could not be written: {reason}</source>
        <translation>无法写入配方：{reason}</translation>
    </message>
    <message>
        <source>Recipe saved: {path}</source>
        <translation>配方已保存：{path}</translation>
    </message>
    <message>
        <source>There is no change to copy yet.</source>
        <translation>还没有可以复制的更改。</translation>
    </message>
    <message>
        <source>This file holds no weights that a script could change.</source>
        <translation>这个文件不含脚本可以更改的权重。</translation>
    </message>
    <message>
        <source>Writing the script</source>
        <translation>正在编写脚本</translation>
    </message>
    <message>
        <source>Copied: a script of plain PyTorch that makes this change. Paste it where you like.</source>
        <translation>已复制：做出这项更改的纯 PyTorch 脚本，可以粘贴到任何地方。</translation>
    </message>
    <message>
        <source>Copied: a script of plain PyTorch that makes these {count} changes. Paste it where you like.</source>
        <translation>已复制：做出这 {count} 项更改的纯 PyTorch 脚本，可以粘贴到任何地方。</translation>
    </message>
    <message>
        <source>It reads the values that were filled in from {paths}; on another machine it needs a copy.</source>
        <translation>补全的数值由它从 {paths} 读取；在另一台机器上需要一并复制该文件。</translation>
    </message>
    <message>
        <source>The recipe could not be read: {reason}</source>
        <translation>无法读取配方：{reason}</translation>
    </message>
    <message>
        <source>Applying the recipe</source>
        <translation>正在应用配方</translation>
    </message>
    <message>
        <source>Nothing was changed: the model&apos;s code was not to run.</source>
        <translation>没有任何改动：模型的代码未获准运行。</translation>
    </message>
    <message>
        <source>The file changed meanwhile; apply the recipe again.</source>
        <translation>文件在此期间发生了变化，请重新应用配方。</translation>
    </message>
    <message>
        <source>1 change applied from {path}</source>
        <translation>已应用 {path} 中的 1 项更改</translation>
    </message>
    <message>
        <source>{count} changes applied from {path}</source>
        <translation>已应用 {path} 中的 {count} 项更改</translation>
    </message>
    <message>
        <source>… and {count} more</source>
        <translation>……另有 {count} 条</translation>
    </message>
</context>
<context>
    <name>InspectorPane</name>
    <message>
        <source>Part of the tensor</source>
        <translation>张量的组成部分</translation>
    </message>
    <message>
        <source>The tensor is made of several blocks of numbers; choose which one to look at</source>
        <translation>这个张量由几块数值组成；选择要查看哪一块</translation>
    </message>
    <message>
        <source>Copy or save</source>
        <translation>复制或保存</translation>
    </message>
    <message>
        <source>Copies or writes the values of this tensor</source>
        <translation>复制这个张量的值，或写入文件</translation>
    </message>
    <message>
        <source>Progress of reading the values</source>
        <translation>读取值的进度</translation>
    </message>
    <message>
        <source>Show the values as</source>
        <translation>值的显示方式</translation>
    </message>
    <message>
        <source>Content</source>
        <translation>内容</translation>
    </message>
    <message>
        <source>Select a tensor in the tree to see its numbers.
Select two to compare them, or a group for its sums.</source>
        <translation>在树中选择一个张量即可查看其中的数值。
选择两个张量可以进行比较，选择分组可以查看总计。</translation>
    </message>
    <message>
        <source>Copy &amp;facts</source>
        <translation>复制信息(&amp;F)</translation>
    </message>
    <message>
        <source>&amp;Copy values</source>
        <translation>复制值(&amp;C)</translation>
    </message>
    <message>
        <source>Copy &amp;picture</source>
        <translation>复制图像(&amp;P)</translation>
    </message>
    <message>
        <source>Save values as .&amp;npy…</source>
        <translation>把值保存为 .npy(&amp;N)…</translation>
    </message>
    <message>
        <source>Save values as .c&amp;sv…</source>
        <translation>把值保存为 .csv(&amp;S)…</translation>
    </message>
    <message>
        <source>Save picture as .pn&amp;g…</source>
        <translation>把图像保存为 .png(&amp;G)…</translation>
    </message>
    <message>
        <source>Save &amp;tensors together…</source>
        <translation>一起保存这些张量(&amp;T)…</translation>
    </message>
    <message>
        <source>Select one tensor to look for NaN and infinite values, or check all values first.</source>
        <translation>请选择一个张量以查找 NaN 和无穷值，或先检查所有数值。</translation>
    </message>
    <message>
        <source>Looking for values</source>
        <translation>正在查找数值</translation>
    </message>
    <message>
        <source>All values of this tensor are finite: there is no NaN and nothing infinite.</source>
        <translation>此张量的所有数值都是有限的：没有 NaN，也没有无穷值。</translation>
    </message>
    <message>
        <source>Two tensors</source>
        <translation>两个张量</translation>
    </message>
    <message>
        <source>{count} tensors</source>
        <translation>{count} 个张量</translation>
    </message>
    <message>
        <source>{name}: {count}</source>
        <translation>{name}：{count}</translation>
    </message>
    <message>
        <source>Value</source>
        <translation>值</translation>
    </message>
    <message>
        <source>Content of the file</source>
        <translation>文件的内容</translation>
    </message>
    <message>
        <source>A sparse tensor: the file holds only some of its values and where they belong; all others are 0.</source>
        <translation>稀疏张量：文件只保存其中一部分值及其位置，其余都是 0。</translation>
    </message>
    <message>
        <source>This tensor is made of several blocks of numbers; they are shown one at a time.</source>
        <translation>这个张量由几块数值组成；每次显示其中一块。</translation>
    </message>
    <message>
        <source>This tensor is empty: one of its axes has the size 0.</source>
        <translation>这个张量是空的：它有一个轴的大小为 0。</translation>
    </message>
    <message>
        <source>A quantised tensor: integers that stand for real numbers. Shown is what they stand for.</source>
        <translation>量化张量：用整数表示实数。显示的是它们所表示的实数。</translation>
    </message>
    <message>
        <source>Complex numbers: pictures and statistics show their magnitudes, the table both parts.</source>
        <translation>复数：图像和统计显示模，表格显示实部和虚部。</translation>
    </message>
    <message>
        <source>Both</source>
        <translation>两者</translation>
    </message>
    <message>
        <source>How often which values occur in each of them</source>
        <translation>两个张量中各个值出现的频率</translation>
    </message>
    <message>
        <source>The first minus the second, value by value: {how}</source>
        <translation>逐个值用第一个减去第二个：{how}</translation>
    </message>
    <message>
        <source>Difference:</source>
        <translation>差值：</translation>
    </message>
    <message>
        <source>Reading values</source>
        <translation>正在读取值</translation>
    </message>
</context>
<context>
    <name>InstalledPage</name>
    <message>
        <source>Model of an installed package</source>
        <translation>已安装软件包中的模型</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>模型</translation>
    </message>
    <message>
        <source>The package, a colon, then the class or function with its arguments. Examples:
timm:create_model(&apos;vit_base_patch16_224&apos;, num_classes=10)
torchvision.models.video:r3d_18()
mypackage.models:Net(depth=3)</source>
        <translation>先写软件包，再写冒号，然后是类或函数及其参数。例如：
timm:create_model(&apos;vit_base_patch16_224&apos;, num_classes=10)
torchvision.models.video:r3d_18()
mypackage.models:Net(depth=3)</translation>
    </message>
    <message>
        <source>Run with</source>
        <translation>运行环境</translation>
    </message>
    <message>
        <source>Type the model as Python would call it.</source>
        <translation>请像在 Python 中调用那样输入模型。</translation>
    </message>
    <message>
        <source>Write it as package:Class(arguments), for example timm:create_model(&apos;resnet34&apos;).</source>
        <translation>请写成“软件包:类(参数)”，例如 timm:create_model(&apos;resnet34&apos;)。</translation>
    </message>
</context>
<context>
    <name>InterpreterChoice</name>
    <message>
        <source>Python that runs the code</source>
        <translation>运行代码的 Python</translation>
    </message>
    <message>
        <source>Automatic: the first Python with PyTorch</source>
        <translation>自动：第一个装有 PyTorch 的 Python</translation>
    </message>
    <message>
        <source>O&amp;ther…</source>
        <translation>其他(&amp;T)…</translation>
    </message>
    <message>
        <source>Choose the python program of an environment that has your packages</source>
        <translation>选择装有所需软件包的环境中的 python 程序</translation>
    </message>
    <message>
        <source>Looking for Pythons</source>
        <translation>正在查找 Python</translation>
    </message>
    <message>
        <source>Python {version} with {packages}</source>
        <translation>Python {version}，装有 {packages}</translation>
    </message>
    <message>
        <source>Python {version}, without PyTorch</source>
        <translation>Python {version}，没有 PyTorch</translation>
    </message>
    <message>
        <source>Choose a Python</source>
        <translation>选择 Python</translation>
    </message>
</context>
<context>
    <name>JoinDialog</name>
    <message>
        <source>Join</source>
        <translation>合并</translation>
    </message>
    <message>
        <source>Join these {count} tensors into one?</source>
        <translation>要把这 {count} 个张量合并为一个吗？</translation>
    </message>
    <message>
        <source>They are put one behind the other in this order; drag a line, or press Alt+Up and Alt+Down.</source>
        <translation>它们会按这个顺序首尾相接；可以拖动某一行，或按 Alt+↑ 和 Alt+↓ 调整顺序。</translation>
    </message>
    <message>
        <source>Name of the result</source>
        <translation>结果的名称</translation>
    </message>
    <message>
        <source>Axis</source>
        <translation>轴</translation>
    </message>
    <message>
        <source>&amp;Name</source>
        <translation>名称(&amp;N)</translation>
    </message>
    <message>
        <source>&amp;Axis</source>
        <translation>轴(&amp;A)</translation>
    </message>
    <message>
        <source>Give the result a name.</source>
        <translation>请给结果取一个名称。</translation>
    </message>
    <message>
        <source>Its shape: {shape}</source>
        <translation>它的形状：{shape}</translation>
    </message>
    <message>
        <source>Join {count} tensors</source>
        <translation>合并 {count} 个张量</translation>
    </message>
</context>
<context>
    <name>JumpDialog</name>
    <message>
        <source>Go to name</source>
        <translation>转到名称</translation>
    </message>
    <message>
        <source>Which tensor?</source>
        <translation>要转到哪个张量？</translation>
    </message>
    <message>
        <source>A few letters, for example layer2 conv1</source>
        <translation>输入几个字母，例如 layer2 conv1</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>名称</translation>
    </message>
    <message>
        <source>Names found</source>
        <translation>找到的名称</translation>
    </message>
    <message>
        <source>Go</source>
        <translation>转到</translation>
    </message>
    <message>
        <source>{shown} of {count} names; type more to see the others.</source>
        <translation>显示了 {count} 个名称中的 {shown} 个；请继续输入以查看其他名称。</translation>
    </message>
    <message>
        <source>No name holds this.</source>
        <translation>没有名称包含这些文字。</translation>
    </message>
</context>
<context>
    <name>KernelCanvas</name>
    <message>
        <source>Kernels</source>
        <translation>卷积核</translation>
    </message>
    <message>
        <source>{count} kernels; values from {low} to {high}. Arrow keys go from one to the next.</source>
        <translation>{count} 个卷积核；值从 {low} 到 {high}。用方向键逐个查看。</translation>
    </message>
    <message>
        <source>[{index}]: {value}</source>
        <translation>[{index}]：{value}</translation>
    </message>
    <message>
        <source>Output channel {number}: {low} to {high}</source>
        <translation>输出通道 {number}：{low} 到 {high}</translation>
    </message>
    <message>
        <source>Output channel {number}</source>
        <translation>输出通道 {number}</translation>
    </message>
</context>
<context>
    <name>KernelPage</name>
    <message>
        <source>Input channel</source>
        <translation>输入通道</translation>
    </message>
    <message>
        <source>In colours</source>
        <translation>彩色</translation>
    </message>
    <message>
        <source>Shows the three input channels together, as red, green and blue</source>
        <translation>把三个输入通道作为红、绿、蓝一起显示</translation>
    </message>
    <message>
        <source>The first {count} of {total} kernels</source>
        <translation>{total} 个卷积核中的前 {count} 个</translation>
    </message>
</context>
<context>
    <name>LayerBars</name>
    <message>
        <source>Change of every layer</source>
        <translation>各层的变化</translation>
    </message>
    <message>
        <source>{name}: unchanged</source>
        <translation>{name}：没有变化</translation>
    </message>
    <message>
        <source>{name}: other shapes</source>
        <translation>{name}：形状不同</translation>
    </message>
    <message>
        <source>{name}: moved by {size} of its size; {changed} of {tensors} tensors differ</source>
        <translation>{name}：变化量为自身大小的 {size}；{tensors} 个张量中有 {changed} 个不同</translation>
    </message>
    <message>
        <source>Change of every layer, in file order</source>
        <translation>各层的变化，按文件中的顺序排列</translation>
    </message>
</context>
<context>
    <name>LoadTestDialog</name>
    <message>
        <source>Test with PyTorch</source>
        <translation>用 PyTorch 测试</translation>
    </message>
    <message>
        <source>Let PyTorch load these weights into {model}?</source>
        <translation>要让 PyTorch 把这些权重加载到 {model} 吗？</translation>
    </message>
    <message>
        <source>The real model is built in a process of its own, and load_state_dict(strict=True) is called on it with the weights as they are now. Your file is not touched.</source>
        <translation>将在单独的进程中构建真正的模型，并以这些权重的当前状态对它调用 load_state_dict(strict=True)。您的文件不会改动。</translation>
    </message>
    <message>
        <source>&amp;Run the model once on random input afterwards</source>
        <translation>之后用随机输入运行一次模型(&amp;R)</translation>
    </message>
    <message>
        <source>Shows whether the shapes agree from the first layer to the last.</source>
        <translation>可以看出从第一层到最后一层的形状是否一致。</translation>
    </message>
    <message>
        <source>Progress</source>
        <translation>进度</translation>
    </message>
    <message>
        <source>What PyTorch said</source>
        <translation>PyTorch 的反馈</translation>
    </message>
    <message>
        <source>What the model gave</source>
        <translation>模型的输出</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
    <message>
        <source>Test</source>
        <translation>测试</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>Testing…</source>
        <translation>正在测试…</translation>
    </message>
    <message>
        <source>Loading with PyTorch</source>
        <translation>正在用 PyTorch 加载</translation>
    </message>
    <message>
        <source>It runs: input {input}, output {output}.</source>
        <translation>可以运行：输入 {input}，输出 {output}。</translation>
    </message>
    <message>
        <source>No likely input suited the model; this says nothing about the weights: {reason}</source>
        <translation>没有找到适合这个模型的输入；这并不说明权重有问题：{reason}</translation>
    </message>
    <message>
        <source>Test again</source>
        <translation>重新测试</translation>
    </message>
</context>
<context>
    <name>MainWindow</name>
    <message>
        <source>Ckpt Studio</source>
        <translation>Ckpt Studio</translation>
    </message>
    <message>
        <source>Open files</source>
        <translation>打开的文件</translation>
    </message>
    <message>
        <source>Menus</source>
        <translation>菜单</translation>
    </message>
    <message>
        <source>Tools</source>
        <translation>工具栏</translation>
    </message>
    <message>
        <source>More tools</source>
        <translation>更多工具</translation>
    </message>
    <message>
        <source>Open checkpoints</source>
        <translation>打开检查点</translation>
    </message>
    <message>
        <source>Checkpoints ({patterns})</source>
        <translation>检查点 ({patterns})</translation>
    </message>
    <message>
        <source>All files (*)</source>
        <translation>所有文件 (*)</translation>
    </message>
    <message>
        <source>Open a folder of checkpoints</source>
        <translation>打开包含检查点的文件夹</translation>
    </message>
    <message>
        <source>Apply the recipe to the checkpoints of a folder</source>
        <translation>把配方应用到一个文件夹中的检查点</translation>
    </message>
    <message>
        <source>The report is on the clipboard. It holds no names and no values from your files.</source>
        <translation>报告已复制到剪贴板，其中不包含您文件中的任何名称和值。</translation>
    </message>
    <message>
        <source>{file}[*] — Ckpt Studio</source>
        <translation>{file}[*] — Ckpt Studio</translation>
    </message>
    <message>
        <source>{file}, saved as {saved}[*] — Ckpt Studio</source>
        <translation>{file}，已保存为 {saved}[*] — Ckpt Studio</translation>
    </message>
</context>
<context>
    <name>MappingTree</name>
    <message>
        <source>Rules and their pairs of names</source>
        <translation>规则及其名称对</translation>
    </message>
    <message>
        <source>Name in the file</source>
        <translation>文件中的名称</translation>
    </message>
    <message>
        <source>Name in the model</source>
        <translation>模型中的名称</translation>
    </message>
    <message>
        <source>Why</source>
        <translation>依据</translation>
    </message>
</context>
<context>
    <name>Menus</name>
    <message>
        <source>&amp;File</source>
        <translation>文件(&amp;F)</translation>
    </message>
    <message>
        <source>&amp;Edit</source>
        <translation>编辑(&amp;E)</translation>
    </message>
    <message>
        <source>&amp;Model</source>
        <translation>模型(&amp;M)</translation>
    </message>
    <message>
        <source>&amp;View</source>
        <translation>视图(&amp;V)</translation>
    </message>
    <message>
        <source>&amp;Help</source>
        <translation>帮助(&amp;H)</translation>
    </message>
    <message>
        <source>&amp;Colours</source>
        <translation>配色(&amp;C)</translation>
    </message>
    <message>
        <source>As the &amp;system</source>
        <translation>跟随系统(&amp;S)</translation>
    </message>
    <message>
        <source>&amp;Light</source>
        <translation>浅色(&amp;L)</translation>
    </message>
    <message>
        <source>&amp;Dark</source>
        <translation>深色(&amp;D)</translation>
    </message>
    <message>
        <source>Lan&amp;guage</source>
        <translation>语言(&amp;G)</translation>
    </message>
    <message>
        <source>Ch&amp;ange names</source>
        <translation>更改名称(&amp;A)</translation>
    </message>
    <message>
        <source>&amp;Change numbers</source>
        <translation>更改数值(&amp;C)</translation>
    </message>
</context>
<context>
    <name>MetadataDialog</name>
    <message>
        <source>Metadata</source>
        <translation>元数据</translation>
    </message>
    <message>
        <source>Which note shall the file carry?</source>
        <translation>要让文件附带哪条说明？</translation>
    </message>
    <message>
        <source>Safetensors files hold notes as pairs of a key and a text, for example “format” and “pt”.</source>
        <translation>safetensors 文件以键和文本成对的形式保存说明，例如“format”和“pt”。</translation>
    </message>
    <message>
        <source>Key</source>
        <translation>键</translation>
    </message>
    <message>
        <source>Text</source>
        <translation>文本</translation>
    </message>
    <message>
        <source>&amp;Key</source>
        <translation>键(&amp;K)</translation>
    </message>
    <message>
        <source>&amp;Text</source>
        <translation>文本(&amp;T)</translation>
    </message>
    <message>
        <source>Type or choose the key.</source>
        <translation>请输入或选择键。</translation>
    </message>
    <message>
        <source>Change the text.</source>
        <translation>请更改文本。</translation>
    </message>
    <message>
        <source>Change</source>
        <translation>更改</translation>
    </message>
    <message>
        <source>Add</source>
        <translation>添加</translation>
    </message>
</context>
<context>
    <name>MetadataTable</name>
    <message>
        <source>Metadata</source>
        <translation>元数据</translation>
    </message>
    <message>
        <source>Key</source>
        <translation>键</translation>
    </message>
    <message>
        <source>Value</source>
        <translation>值</translation>
    </message>
    <message>
        <source>&amp;Add</source>
        <translation>添加(&amp;A)</translation>
    </message>
    <message>
        <source>Re&amp;move</source>
        <translation>移除(&amp;M)</translation>
    </message>
    <message>
        <source>Many programs want “format: pt”.</source>
        <translation>许多程序需要“format: pt”。</translation>
    </message>
</context>
<context>
    <name>NoticeBar</name>
    <message>
        <source>Notice</source>
        <translation>通知</translation>
    </message>
    <message>
        <source>Close the notice</source>
        <translation>关闭通知</translation>
    </message>
</context>
<context>
    <name>OtherCheckpoint</name>
    <message>
        <source>Other file</source>
        <translation>另一个文件</translation>
    </message>
    <message>
        <source>Choose a file</source>
        <translation>选择文件</translation>
    </message>
    <message>
        <source>&amp;Browse…</source>
        <translation>浏览(&amp;B)…</translation>
    </message>
    <message>
        <source>Weights inside the file</source>
        <translation>文件中的权重</translation>
    </message>
    <message>
        <source>&amp;File</source>
        <translation>文件(&amp;F)</translation>
    </message>
    <message>
        <source>&amp;Weights</source>
        <translation>权重(&amp;W)</translation>
    </message>
    <message>
        <source>Names</source>
        <translation>名称</translation>
    </message>
    <message>
        <source>Without “{prefix}” at the beginning, as here</source>
        <translation>去掉开头的“{prefix}”，与这里一致</translation>
    </message>
    <message>
        <source>With “{prefix}” at the beginning, as here</source>
        <translation>在开头加上“{prefix}”，与这里一致</translation>
    </message>
    <message>
        <source>Choose a checkpoint</source>
        <translation>选择检查点</translation>
    </message>
    <message>
        <source>Choose the other file.</source>
        <translation>请选择另一个文件。</translation>
    </message>
    <message>
        <source>Reading the file…</source>
        <translation>正在读取文件…</translation>
    </message>
    <message>
        <source>Reading the file</source>
        <translation>正在读取文件</translation>
    </message>
    <message>
        <source>This file holds no weights.</source>
        <translation>这个文件不含权重。</translation>
    </message>
    <message>
        <source>1 tensor</source>
        <translation>1 个张量</translation>
    </message>
    <message>
        <source>{count} tensors</source>
        <translation>{count} 个张量</translation>
    </message>
    <message>
        <source>the whole file</source>
        <translation>整个文件</translation>
    </message>
</context>
<context>
    <name>Outgoing</name>
    <message>
        <source>Writing what is dragged</source>
        <translation>正在写出拖动的内容</translation>
    </message>
</context>
<context>
    <name>PairsModel</name>
    <message>
        <source>Before</source>
        <translation>更改前</translation>
    </message>
    <message>
        <source>After</source>
        <translation>更改后</translation>
    </message>
    <message>
        <source>(removed)</source>
        <translation>（移除）</translation>
    </message>
</context>
<context>
    <name>Panels</name>
    <message>
        <source>Inspector, history and more</source>
        <translation>详情、历史及其他</translation>
    </message>
    <message>
        <source>Inspector</source>
        <translation>详情</translation>
    </message>
    <message>
        <source>History</source>
        <translation>历史</translation>
    </message>
    <message>
        <source>Checks</source>
        <translation>健康检查</translation>
    </message>
    <message>
        <source>Sizes</source>
        <translation>大小</translation>
    </message>
    <message>
        <source>What is in the selected tensors</source>
        <translation>所选张量中的内容</translation>
    </message>
    <message>
        <source>The changes made so far</source>
        <translation>到目前为止所做的更改</translation>
    </message>
    <message>
        <source>Is everything in this file healthy?</source>
        <translation>这个文件中的一切都正常吗？</translation>
    </message>
    <message>
        <source>Which parts of the file take how many bytes</source>
        <translation>文件的各个部分分别占用多少字节</translation>
    </message>
    <message>
        <source>Give the comparison its room back</source>
        <translation>把空间还给比较</translation>
    </message>
    <message>
        <source>More room for what is shown here</source>
        <translation>给这里更多空间</translation>
    </message>
    <message>
        <source>History ({count})</source>
        <translation>历史（{count}）</translation>
    </message>
    <message>
        <source>The check of all values found no NaN and nothing infinite.</source>
        <translation>检查所有数值未发现 NaN，也没有无穷值。</translation>
    </message>
</context>
<context>
    <name>PatternRenameDialog</name>
    <message>
        <source>Rename by pattern</source>
        <translation>按模式重命名</translation>
    </message>
    <message>
        <source>What shall the names be called?</source>
        <translation>名称要改成什么？</translation>
    </message>
    <message>
        <source>One line for all layers: write {n} where a number stands. Only whole parts between dots change.</source>
        <translation>一行适用于所有层：有数字的地方写 {n}。只更改点与点之间的完整部分。</translation>
    </message>
    <message>
        <source>Old form</source>
        <translation>原来的形式</translation>
    </message>
    <message>
        <source>New form</source>
        <translation>新的形式</translation>
    </message>
    <message>
        <source>Another word for every layer</source>
        <translation>给每一层换一个词</translation>
    </message>
    <message>
        <source>A dot between the word and the number</source>
        <translation>在词和数字之间加点</translation>
    </message>
    <message>
        <source>Numbers that begin one lower</source>
        <translation>编号从小一的数开始</translation>
    </message>
    <message>
        <source>Another last part</source>
        <translation>更换最后一部分</translation>
    </message>
    <message>
        <source>Take a beginning off</source>
        <translation>去掉开头</translation>
    </message>
    <message>
        <source>Swap two parts</source>
        <translation>交换两个部分</translation>
    </message>
    <message>
        <source>{n}  a number      {word}  any one part      *  any text, dots too
{n+1}  in the new form: the number counted on, {n-1} back
Leave “New” empty to take the part out.</source>
        <translation>{n}  数字      {word}  任意一段      *  任意文字，含点
{n+1}  在新形式中：数字加一，{n-1} 减一
“新”留空即可去掉这一段。</translation>
    </message>
    <message>
        <source>&amp;Old</source>
        <translation>原来(&amp;O)</translation>
    </message>
    <message>
        <source>&amp;New</source>
        <translation>新的(&amp;N)</translation>
    </message>
    <message>
        <source>Type the part of the names that is to change.</source>
        <translation>请输入名称中要更改的部分。</translation>
    </message>
    <message>
        <source>Change the new form.</source>
        <translation>请更改新的形式。</translation>
    </message>
</context>
<context>
    <name>Pending</name>
    <message>
        <source>1 change since the export</source>
        <translation>导出后有 1 处更改</translation>
    </message>
    <message>
        <source>{count} changes since the export</source>
        <translation>导出后有 {count} 处更改</translation>
    </message>
    <message>
        <source>1 change not exported</source>
        <translation>1 处更改未导出</translation>
    </message>
    <message>
        <source>{count} changes not exported</source>
        <translation>{count} 处更改未导出</translation>
    </message>
    <message>
        <source>Saved as {name}</source>
        <translation>已保存为 {name}</translation>
    </message>
</context>
<context>
    <name>PopMatchingDialog</name>
    <message>
        <source>Pop by pattern</source>
        <translation>按模式移除</translation>
    </message>
    <message>
        <source>Which tensors should go?</source>
        <translation>要移除哪些张量？</translation>
    </message>
    <message>
        <source>* stands for any text: “fc.*” is everything in “fc”. The file on disk stays as it is until you export.</source>
        <translation>* 代表任意文字：“fc.*”就是“fc”中的全部内容。导出之前，磁盘上的文件不会改变。</translation>
    </message>
    <message>
        <source>&amp;Pop the names that fit</source>
        <translation>移除符合的名称(&amp;P)</translation>
    </message>
    <message>
        <source>&amp;Keep only the names that fit</source>
        <translation>只保留符合的名称(&amp;K)</translation>
    </message>
    <message>
        <source>Pattern with wildcards</source>
        <translation>含通配符的模式</translation>
    </message>
    <message>
        <source>Pa&amp;ttern</source>
        <translation>模式(&amp;T)</translation>
    </message>
    <message>
        <source>Type a pattern.</source>
        <translation>请输入模式。</translation>
    </message>
    <message>
        <source>Pop</source>
        <translation>移除</translation>
    </message>
    <message>
        <source>Pop 1 tensor</source>
        <translation>移除 1 个张量</translation>
    </message>
    <message>
        <source>Pop {count} tensors</source>
        <translation>移除 {count} 个张量</translation>
    </message>
</context>
<context>
    <name>PreferencesDialog</name>
    <message>
        <source>Preferences</source>
        <translation>首选项</translation>
    </message>
    <message>
        <source>As you like it</source>
        <translation>按您的习惯</translation>
    </message>
    <message>
        <source>Every change takes effect at once.</source>
        <translation>每项更改立即生效。</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
    <message>
        <source>&amp;General</source>
        <translation>常规(&amp;G)</translation>
    </message>
    <message>
        <source>&amp;Your models</source>
        <translation>您的模型(&amp;Y)</translation>
    </message>
</context>
<context>
    <name>PythonsPage</name>
    <message>
        <source>Which Python is to build your models?</source>
        <translation>要用哪个 Python 来构建您的模型？</translation>
    </message>
    <message>
        <source>Your own model classes, and tests with PyTorch, run in a process of this Python. Choose the environment that has your packages. For a single model another one can be chosen where the model is chosen.</source>
        <translation>您自己的模型类以及 PyTorch 测试，都在这个 Python 的进程中运行。请选择装有所需软件包的环境。对于单个模型，也可以在选择模型时另选一个 Python。</translation>
    </message>
    <message>
        <source>Pythons on this computer</source>
        <translation>这台电脑上的 Python</translation>
    </message>
    <message>
        <source>Python</source>
        <translation>Python</translation>
    </message>
    <message>
        <source>Where</source>
        <translation>位置</translation>
    </message>
    <message>
        <source>Looking for Pythons</source>
        <translation>正在查找 Python</translation>
    </message>
    <message>
        <source>Other &amp;Python…</source>
        <translation>其他 Python(&amp;P)…</translation>
    </message>
    <message>
        <source>Choose the python program of an environment that has your packages</source>
        <translation>选择装有所需软件包的环境中的 python 程序</translation>
    </message>
    <message>
        <source>&amp;Ask again</source>
        <translation>重新询问(&amp;A)</translation>
    </message>
    <message>
        <source>Before code of these files runs the next time, you are asked as at first</source>
        <translation>下次运行这些文件的代码之前，会像第一次那样询问您</translation>
    </message>
    <message>
        <source>Automatic</source>
        <translation>自动</translation>
    </message>
    <message>
        <source>the first one with PyTorch</source>
        <translation>第一个装有 PyTorch 的 Python</translation>
    </message>
    <message>
        <source>The Python that was chosen is not there any more: {path}</source>
        <translation>所选的 Python 已不存在：{path}</translation>
    </message>
    <message>
        <source>It cannot build models: PyTorch is not installed in it, or it is older than Python 3.9.</source>
        <translation>它无法构建模型：没有安装 PyTorch，或者版本低于 Python 3.9。</translation>
    </message>
    <message>
        <source>Choose a Python</source>
        <translation>选择 Python</translation>
    </message>
    <message>
        <source>Asking the Python</source>
        <translation>正在询问 Python</translation>
    </message>
    <message>
        <source>“{name}” did not answer as a Python does.</source>
        <translation>“{name}”没有像 Python 那样应答。</translation>
    </message>
    <message>
        <source>{python}, in use</source>
        <translation>{python}，使用中</translation>
    </message>
    <message>
        <source>The code of 1 file may run without asking.</source>
        <translation>1 个文件的代码可以不经询问直接运行。</translation>
    </message>
    <message>
        <source>The code of {count} files may run without asking.</source>
        <translation>{count} 个文件的代码可以不经询问直接运行。</translation>
    </message>
    <message>
        <source>You are asked before the code of any model runs.</source>
        <translation>运行任何模型的代码之前都会询问您。</translation>
    </message>
    <message>
        <source>This could not be written down: {reason}</source>
        <translation>无法保存：{reason}</translation>
    </message>
</context>
<context>
    <name>QFileDialog</name>
    <message>
        <source>&amp;Look in:</source>
        <translation>查找范围(&amp;L)：</translation>
    </message>
    <message>
        <source>Files of &amp;type:</source>
        <translation>文件类型(&amp;T)：</translation>
    </message>
</context>
<context>
    <name>RecentList</name>
    <message>
        <source>Recent files</source>
        <translation>最近的文件</translation>
    </message>
    <message>
        <source>{count} parameters</source>
        <translation>{count} 参数</translation>
    </message>
    <message>
        <source>not there any more</source>
        <translation>文件已不存在</translation>
    </message>
    <message>
        <source>1 change not exported</source>
        <translation>1 处更改未导出</translation>
    </message>
    <message>
        <source>{count} changes not exported</source>
        <translation>{count} 处更改未导出</translation>
    </message>
    <message>
        <source>changed since it was opened here</source>
        <translation>在此打开之后有过更改</translation>
    </message>
    <message>
        <source>exported to {name}</source>
        <translation>已导出到 {name}</translation>
    </message>
</context>
<context>
    <name>RecentMenu</name>
    <message>
        <source>Open &amp;recent</source>
        <translation>最近打开的文件(&amp;R)</translation>
    </message>
    <message>
        <source>No files yet</source>
        <translation>还没有文件</translation>
    </message>
    <message>
        <source>Forget these files</source>
        <translation>清除这些记录</translation>
    </message>
    <message>
        <source>changed since it was opened here</source>
        <translation>在这里打开之后有过更改</translation>
    </message>
    <message>
        <source>not there any more</source>
        <translation>已不在原处</translation>
    </message>
</context>
<context>
    <name>RecentPage</name>
    <message>
        <source>Models used last</source>
        <translation>最近使用的模型</translation>
    </message>
    <message>
        <source>Choose a model from the list.</source>
        <translation>请从列表中选择一个模型。</translation>
    </message>
</context>
<context>
    <name>RecipeDialog</name>
    <message>
        <source>&amp;Add a step</source>
        <translation>添加步骤(&amp;A)</translation>
    </message>
    <message>
        <source>&amp;Remove</source>
        <translation>移除(&amp;R)</translation>
    </message>
    <message>
        <source>&amp;Up</source>
        <translation>上移(&amp;U)</translation>
    </message>
    <message>
        <source>Earlier (Alt+Up); steps can be dragged, too</source>
        <translation>提前（Alt+上）；步骤也可以拖动</translation>
    </message>
    <message>
        <source>&amp;Down</source>
        <translation>下移(&amp;D)</translation>
    </message>
    <message>
        <source>Later (Alt+Down); steps can be dragged, too</source>
        <translation>推后（Alt+下）；步骤也可以拖动</translation>
    </message>
    <message>
        <source>What the step does to the open file</source>
        <translation>该步骤对打开的文件做了什么</translation>
    </message>
    <message>
        <source>Sa&amp;ve it</source>
        <translation>保存(&amp;V)</translation>
    </message>
    <message>
        <source>Do &amp;not save</source>
        <translation>不保存(&amp;N)</translation>
    </message>
    <message>
        <source>Stay here</source>
        <translation>留在这里</translation>
    </message>
    <message>
        <source>&amp;Open…</source>
        <translation>打开(&amp;O)…</translation>
    </message>
    <message>
        <source>&amp;Save</source>
        <translation>保存(&amp;S)</translation>
    </message>
    <message>
        <source>Save as…</source>
        <translation>另存为…</translation>
    </message>
    <message>
        <source>Apply to a &amp;folder…</source>
        <translation>应用到文件夹(&amp;F)…</translation>
    </message>
    <message>
        <source>A&amp;pply to this file</source>
        <translation>应用到此文件(&amp;P)</translation>
    </message>
    <message>
        <source>&amp;Close</source>
        <translation>关闭(&amp;C)</translation>
    </message>
    <message>
        <source>&amp;More</source>
        <translation>更多(&amp;M)</translation>
    </message>
    <message>
        <source>“{name}” was closed. The recipe has changes that are not saved, so it stays here.</source>
        <translation>“{name}”已关闭。配方中有未保存的更改，因此它仍留在这里。</translation>
    </message>
    <message>
        <source>The recipe could not be read: {reason}</source>
        <translation>无法读取配方：{reason}</translation>
    </message>
    <message>
        <source>Open a recipe</source>
        <translation>打开配方</translation>
    </message>
    <message>
        <source>Recipes (*.json)</source>
        <translation>配方 (*.json)</translation>
    </message>
    <message>
        <source>Save the recipe</source>
        <translation>保存配方</translation>
    </message>
    <message>
        <source>The recipe could not be written: {reason}</source>
        <translation>无法写入配方：{reason}</translation>
    </message>
    <message>
        <source>Recipe saved: {path}</source>
        <translation>配方已保存：{path}</translation>
    </message>
    <message>
        <source>New recipe</source>
        <translation>新配方</translation>
    </message>
    <message>
        <source>Changes of {name}</source>
        <translation>{name} 的更改</translation>
    </message>
    <message>
        <source>{name}[*] – Recipe</source>
        <translation>{name}[*] – 配方</translation>
    </message>
    <message>
        <source>1 step</source>
        <translation>1 个步骤</translation>
    </message>
    <message>
        <source>{count} steps</source>
        <translation>{count} 个步骤</translation>
    </message>
    <message>
        <source>1 switched off</source>
        <translation>1 个已停用</translation>
    </message>
    <message>
        <source>{count} switched off</source>
        <translation>{count} 个已停用</translation>
    </message>
    <message>
        <source>applied to {name}</source>
        <translation>已应用到 {name}</translation>
    </message>
    <message>
        <source>tried on {name}</source>
        <translation>已在 {name} 上试过</translation>
    </message>
    <message>
        <source>open a checkpoint to see what each step does to it</source>
        <translation>打开一个检查点，即可看到每个步骤的作用</translation>
    </message>
    <message>
        <source>Re&amp;place the changes</source>
        <translation>取代现有更改(&amp;P)</translation>
    </message>
    <message>
        <source>These steps take the place of the changes made to the open file.</source>
        <translation>这些步骤将取代对打开的文件所做的更改。</translation>
    </message>
    <message>
        <source>These steps are applied. Undo takes them back.</source>
        <translation>这些步骤已应用。“撤销”可将其收回。</translation>
    </message>
    <message>
        <source>{step} (not complete)</source>
        <translation>{step}（未填完）</translation>
    </message>
    <message>
        <source>Unknown step “{kind}”</source>
        <translation>未知步骤“{kind}”</translation>
    </message>
    <message>
        <source>switched off</source>
        <translation>已停用</translation>
    </message>
    <message>
        <source>1 tensor is made by the model&apos;s code when it is applied</source>
        <translation>应用时由模型的代码生成 1 个张量</translation>
    </message>
    <message>
        <source>{count} tensors are made by the model&apos;s code when it is applied</source>
        <translation>应用时由模型的代码生成 {count} 个张量</translation>
    </message>
    <message>
        <source>1 renamed</source>
        <translation>1 个重命名</translation>
    </message>
    <message>
        <source>{count} renamed</source>
        <translation>{count} 个重命名</translation>
    </message>
    <message>
        <source>1 removed</source>
        <translation>1 个移除</translation>
    </message>
    <message>
        <source>{count} removed</source>
        <translation>{count} 个移除</translation>
    </message>
    <message>
        <source>1 added</source>
        <translation>1 个添加</translation>
    </message>
    <message>
        <source>{count} added</source>
        <translation>{count} 个添加</translation>
    </message>
    <message>
        <source>1 converted</source>
        <translation>1 个转换</translation>
    </message>
    <message>
        <source>{count} converted</source>
        <translation>{count} 个转换</translation>
    </message>
    <message>
        <source>changes what is not weights</source>
        <translation>更改了权重以外的内容</translation>
    </message>
    <message>
        <source>changes nothing</source>
        <translation>没有任何更改</translation>
    </message>
    <message>
        <source>A recipe is a list of changes that can be made to many checkpoints.</source>
        <translation>配方是一列更改，可以用于许多检查点。</translation>
    </message>
    <message>
        <source>Trying the recipe</source>
        <translation>正在试用配方</translation>
    </message>
    <message>
        <source>the recipe</source>
        <translation>配方</translation>
    </message>
    <message>
        <source>To change the files of a folder, the recipe must be saved first.</source>
        <translation>要更改文件夹中的文件，须先保存配方。</translation>
    </message>
    <message>
        <source>The recipe has changes that are not saved.</source>
        <translation>配方有尚未保存的更改。</translation>
    </message>
</context>
<context>
    <name>RecipeFields</name>
    <message>
        <source>Strip a prefix</source>
        <translation>去掉前缀</translation>
    </message>
    <message>
        <source>Add a prefix</source>
        <translation>添加前缀</translation>
    </message>
    <message>
        <source>Rename a tensor</source>
        <translation>重命名张量</translation>
    </message>
    <message>
        <source>Rename a group</source>
        <translation>重命名分组</translation>
    </message>
    <message>
        <source>Rename by a pattern</source>
        <translation>按模式重命名</translation>
    </message>
    <message>
        <source>Rename by a regular expression</source>
        <translation>按正则表达式重命名</translation>
    </message>
    <message>
        <source>Rename some tensors</source>
        <translation>重命名若干张量</translation>
    </message>
    <message>
        <source>Rename last parts (gamma → weight)</source>
        <translation>重命名末尾部分（gamma → weight）</translation>
    </message>
    <message>
        <source>Map names by rules</source>
        <translation>按规则映射名称</translation>
    </message>
    <message>
        <source>Remove tensors that match</source>
        <translation>移除匹配的张量</translation>
    </message>
    <message>
        <source>Remove some tensors</source>
        <translation>移除若干张量</translation>
    </message>
    <message>
        <source>Keep only tensors that match</source>
        <translation>只保留匹配的张量</translation>
    </message>
    <message>
        <source>Keep only some tensors</source>
        <translation>只保留若干张量</translation>
    </message>
    <message>
        <source>Convert numbers</source>
        <translation>转换数值类型</translation>
    </message>
    <message>
        <source>Record a device</source>
        <translation>记录设备</translation>
    </message>
    <message>
        <source>Reshape a tensor</source>
        <translation>改变张量形状</translation>
    </message>
    <message>
        <source>Split a tensor</source>
        <translation>拆分张量</translation>
    </message>
    <message>
        <source>Join tensors</source>
        <translation>合并张量</translation>
    </message>
    <message>
        <source>Choose rows</source>
        <translation>选择行</translation>
    </message>
    <message>
        <source>Change input channels</source>
        <translation>更改输入通道</translation>
    </message>
    <message>
        <source>Resample position embeddings</source>
        <translation>重采样位置嵌入</translation>
    </message>
    <message>
        <source>Add tensors of one value</source>
        <translation>添加单一值的张量</translation>
    </message>
    <message>
        <source>Give tensors a second name</source>
        <translation>给张量第二个名称</translation>
    </message>
    <message>
        <source>Fill from a model&apos;s initialisation</source>
        <translation>用模型的初始化值填充</translation>
    </message>
    <message>
        <source>Take tensors of another file</source>
        <translation>取用另一文件的张量</translation>
    </message>
    <message>
        <source>Use the values of another state dict</source>
        <translation>使用另一个 state dict 的值</translation>
    </message>
    <message>
        <source>Use averages (EMA)</source>
        <translation>使用平均值 (EMA)</translation>
    </message>
    <message>
        <source>Work on another state dict</source>
        <translation>处理另一个 state dict</translation>
    </message>
    <message>
        <source>Set metadata</source>
        <translation>设置元数据</translation>
    </message>
    <message>
        <source>Set a value</source>
        <translation>设置值</translation>
    </message>
    <message>
        <source>Leave out an entry</source>
        <translation>略去一个条目</translation>
    </message>
    <message>
        <source>Leave out entries</source>
        <translation>略去若干条目</translation>
    </message>
    <message>
        <source>Prefix</source>
        <translation>前缀</translation>
    </message>
    <message>
        <source>Wherever a part of a name begins, not only at the start</source>
        <translation>名称任一部分的开头，而不仅是最前面</translation>
    </message>
    <message>
        <source>Tensors, one a line</source>
        <translation>张量，每行一个</translation>
    </message>
    <message>
        <source>From</source>
        <translation>从</translation>
    </message>
    <message>
        <source>To</source>
        <translation>到</translation>
    </message>
    <message>
        <source>Look for</source>
        <translation>查找</translation>
    </message>
    <message>
        <source>Write instead</source>
        <translation>替换为</translation>
    </message>
    <message>
        <source>Single names</source>
        <translation>单独的名称</translation>
    </message>
    <message>
        <source>Rules</source>
        <translation>规则</translation>
    </message>
    <message>
        <source>Removed for others, one a line</source>
        <translation>为其他张量让位而移除，每行一个</translation>
    </message>
    <message>
        <source>Parts</source>
        <translation>部分</translation>
    </message>
    <message>
        <source>New shapes</source>
        <translation>新形状</translation>
    </message>
    <message>
        <source>Transposed, one a line</source>
        <translation>转置的张量，每行一个</translation>
    </message>
    <message>
        <source>Names that match</source>
        <translation>匹配的名称</translation>
    </message>
    <message>
        <source>Number type</source>
        <translation>数值类型</translation>
    </message>
    <message>
        <source>Device</source>
        <translation>设备</translation>
    </message>
    <message>
        <source>Tensor</source>
        <translation>张量</translation>
    </message>
    <message>
        <source>Shape</source>
        <translation>形状</translation>
    </message>
    <message>
        <source>Into</source>
        <translation>成为</translation>
    </message>
    <message>
        <source>Sizes (none: equal parts)</source>
        <translation>大小（不填：等分）</translation>
    </message>
    <message>
        <source>Axis</source>
        <translation>轴</translation>
    </message>
    <message>
        <source>Rows (-1: a new one)</source>
        <translation>行（-1：新的一行）</translation>
    </message>
    <message>
        <source>New rows are</source>
        <translation>新行取</translation>
    </message>
    <message>
        <source>Input channels</source>
        <translation>输入通道</translation>
    </message>
    <message>
        <source>How</source>
        <translation>方式</translation>
    </message>
    <message>
        <source>Leading tokens that stay</source>
        <translation>保留的开头标记数</translation>
    </message>
    <message>
        <source>Method</source>
        <translation>方法</translation>
    </message>
    <message>
        <source>Value</source>
        <translation>值</translation>
    </message>
    <message>
        <source>Key</source>
        <translation>键</translation>
    </message>
    <message>
        <source>Place</source>
        <translation>位置</translation>
    </message>
    <message>
        <source>Places</source>
        <translation>位置</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>模型</translation>
    </message>
    <message>
        <source>Seed</source>
        <translation>种子</translation>
    </message>
    <message>
        <source>State dict in it</source>
        <translation>其中的 state dict</translation>
    </message>
    <message>
        <source>Add what is not here</source>
        <translation>添加这里没有的</translation>
    </message>
    <message>
        <source>Replace what is here</source>
        <translation>替换这里已有的</translation>
    </message>
    <message>
        <source>Changes made to it first</source>
        <translation>先对它做的更改</translation>
    </message>
    <message>
        <source>File with the values</source>
        <translation>存放值的文件</translation>
    </message>
    <message>
        <source>File</source>
        <translation>文件</translation>
    </message>
    <message>
        <source>From rows, columns</source>
        <translation>从（行、列）</translation>
    </message>
    <message>
        <source>To rows, columns</source>
        <translation>到（行、列）</translation>
    </message>
    <message>
        <source>{n} is a number, {n+1} the next one, {weight,bias} one of some words, * any text. [1/3] behind a name is the first third of it; (q + k + v) puts several together.</source>
        <translation>{n} 是一个数字，{n+1} 是下一个数字，{weight,bias} 是几个词中的一个，* 是任意文本。名称后的 [1/3] 表示它的第一个三分之一；(q + k + v) 把几个合在一起。</translation>
    </message>
    <message>
        <source>{n} is a number, {word} any text without a dot, * any text.</source>
        <translation>{n} 是一个数字，{word} 是不含点的任意文本，* 是任意文本。</translation>
    </message>
    <message>
        <source>Python&apos;s syntax; \1 stands for the first group.</source>
        <translation>Python 语法；\1 表示第一个分组。</translation>
    </message>
    <message>
        <source>* stands for any text, dots included.</source>
        <translation>* 表示任意文本，包括点。</translation>
    </message>
    <message>
        <source>This version does not know such a step. It is kept as it is.</source>
        <translation>此版本不认识这种步骤，会原样保留。</translation>
    </message>
    <message>
        <source>Kept as they are, for this version does not know them: {names}</source>
        <translation>此版本不认识以下内容，会原样保留：{names}</translation>
    </message>
    <message>
        <source>The step as it stands in the file</source>
        <translation>文件中该步骤的原文</translation>
    </message>
    <message>
        <source>all</source>
        <translation>全部</translation>
    </message>
    <message>
        <source>“{field}” cannot be read.</source>
        <translation>无法读取“{field}”。</translation>
    </message>
</context>
<context>
    <name>Refusal</name>
    <message>
        <source>PyTorch would refuse this file for {model}.</source>
        <translation>PyTorch 会拒绝把此文件加载到 {model}。</translation>
    </message>
    <message>
        <source>PyTorch would refuse this file for {model}: {reasons}.</source>
        <translation>PyTorch 会拒绝把此文件加载到 {model}：{reasons}。</translation>
    </message>
</context>
<context>
    <name>RegexRenameDialog</name>
    <message>
        <source>Rename by pattern</source>
        <translation>按模式重命名</translation>
    </message>
    <message>
        <source>Which part of the names should become what?</source>
        <translation>要把名称中的哪一部分改成什么？</translation>
    </message>
    <message>
        <source>A regular expression finds the part; \1 in the replacement stands for what the first ( … ) found.</source>
        <translation>用正则表达式找出这一部分；替换内容中的 \1 代表第一对 ( … ) 找到的文字。</translation>
    </message>
    <message>
        <source>norm.1 → norm1 (DenseNet of 2017)</source>
        <translation>norm.1 → norm1（2017 年的 DenseNet）</translation>
    </message>
    <message>
        <source>layers.N → blocks.N</source>
        <translation>layers.N → blocks.N</translation>
    </message>
    <message>
        <source>gamma → weight (old LayerNorm)</source>
        <translation>gamma → weight（旧的 LayerNorm）</translation>
    </message>
    <message>
        <source>Drop everything before the last “model.”</source>
        <translation>去掉最后一个“model.”之前的全部内容</translation>
    </message>
    <message>
        <source>Pattern</source>
        <translation>模式</translation>
    </message>
    <message>
        <source>Replacement</source>
        <translation>替换内容</translation>
    </message>
    <message>
        <source>&amp;Find</source>
        <translation>查找(&amp;F)</translation>
    </message>
    <message>
        <source>&amp;Replace by</source>
        <translation>替换为(&amp;R)</translation>
    </message>
    <message>
        <source>\. a dot   \d+ a number   [^.]+ one part between dots
^ the start   $ the end   ( … ) keep it</source>
        <translation>\. 点   \d+ 数字   [^.]+ 点与点之间的一个部分
^ 开头   $ 结尾   ( … ) 保留其中的内容</translation>
    </message>
    <message>
        <source>Type the pattern to find.</source>
        <translation>请输入要查找的模式。</translation>
    </message>
</context>
<context>
    <name>RenameDialog</name>
    <message>
        <source>Rename</source>
        <translation>重命名</translation>
    </message>
    <message>
        <source>What should the group “{name}” be called?</source>
        <translation>要把分组“{name}”改成什么名称？</translation>
    </message>
    <message>
        <source>What should “{name}” be called?</source>
        <translation>要把“{name}”改成什么名称？</translation>
    </message>
    <message>
        <source>A filter is set: {shown} of the {count} tensors in it are shown, and only they get the new name. Leave it empty to move them to the top.</source>
        <translation>当前设有筛选：其中 {count} 个张量显示了 {shown} 个，只有它们会得到新名称。留空则把它们移到最上层。</translation>
    </message>
    <message>
        <source>The one tensor in it keeps the rest of its name. Leave it empty to move it to the top.</source>
        <translation>其中的 1 个张量保留名称的其余部分。留空则把它移到最上层。</translation>
    </message>
    <message>
        <source>All {count} tensors in it keep the rest of their names. Leave it empty to move them to the top.</source>
        <translation>其中的 {count} 个张量都保留名称的其余部分。留空则把它们移到最上层。</translation>
    </message>
    <message>
        <source>Dots make groups: “layer1.conv.weight” is the tensor “weight” in “conv” in “layer1”.</source>
        <translation>点用来分组：“layer1.conv.weight”是“layer1”中“conv”里的张量“weight”。</translation>
    </message>
    <message>
        <source>New name</source>
        <translation>新名称</translation>
    </message>
    <message>
        <source>&amp;New name</source>
        <translation>新名称(&amp;N)</translation>
    </message>
    <message>
        <source>Type another name.</source>
        <translation>请输入另一个名称。</translation>
    </message>
    <message>
        <source>A tensor needs a name.</source>
        <translation>张量必须有名称。</translation>
    </message>
</context>
<context>
    <name>ReplaceDialog</name>
    <message>
        <source>Examples</source>
        <translation>示例</translation>
    </message>
    <message>
        <source>Choose an example…</source>
        <translation>选择一个示例…</translation>
    </message>
    <message>
        <source>&amp;Examples</source>
        <translation>示例(&amp;E)</translation>
    </message>
</context>
<context>
    <name>ResizeDialog</name>
    <message>
        <source>Resize</source>
        <translation>调整形状</translation>
    </message>
    <message>
        <source>How should “{name}” get the shape of the model?</source>
        <translation>如何把“{name}”变成模型需要的形状？</translation>
    </message>
    <message>
        <source>In the file it is {file}, in the model {model}.</source>
        <translation>文件中是 {file}，模型中是 {model}。</translation>
    </message>
    <message>
        <source>Keep these rows (classes), in this order:</source>
        <translation>按以下顺序保留这些行（类别）：</translation>
    </message>
    <message>
        <source>Row numbers, beginning with 0</source>
        <translation>行号，从 0 开始</translation>
    </message>
    <message>
        <source>Type row numbers, for example: 0, 3, 7-9</source>
        <translation>请输入行号，例如：0, 3, 7-9</translation>
    </message>
    <message>
        <source>The model needs {wanted} rows; these are {count}.</source>
        <translation>模型需要 {wanted} 行，这里有 {count} 行。</translation>
    </message>
    <message>
        <source>There is no sensible way from one shape to the other. Pop the tensor instead.</source>
        <translation>没有合理的办法从一种形状变为另一种。请改为移除这个张量。</translation>
    </message>
    <message>
        <source>Resize 1 tensor</source>
        <translation>调整 1 个张量的形状</translation>
    </message>
    <message>
        <source>Resize {count} tensors</source>
        <translation>调整 {count} 个张量的形状</translation>
    </message>
</context>
<context>
    <name>RestoreBar</name>
    <message>
        <source>Restore</source>
        <translation>恢复</translation>
    </message>
    <message>
        <source>Ckpt Studio was closed unexpectedly.</source>
        <translation>Ckpt Studio 上次意外关闭。</translation>
    </message>
    <message>
        <source>1 change to “{name}” was not exported.</source>
        <translation>“{name}”有 1 项更改尚未导出。</translation>
    </message>
    <message>
        <source>{count} changes to “{name}” were not exported.</source>
        <translation>“{name}”有 {count} 项更改尚未导出。</translation>
    </message>
    <message>
        <source>The file was changed since then; the changes are made again as far as they fit.</source>
        <translation>文件在此之后有过变化；将尽可能恢复这些更改。</translation>
    </message>
    <message>
        <source>The file is not where it was: {path}</source>
        <translation>文件不在原来的位置：{path}</translation>
    </message>
    <message>
        <source>{count} changes to {files} files were not exported: {names}.</source>
        <translation>{files} 个文件有 {count} 项更改尚未导出：{names}。</translation>
    </message>
    <message>
        <source>Changed since then: {names}.</source>
        <translation>此后有过变化：{names}。</translation>
    </message>
    <message>
        <source>Not where they were: {names}.</source>
        <translation>不在原来的位置：{names}。</translation>
    </message>
    <message>
        <source>Discard…</source>
        <translation>丢弃…</translation>
    </message>
    <message>
        <source>Discard 1 change for good? It cannot be brought back afterwards.</source>
        <translation>确定丢弃 1 处更改吗？之后无法恢复。</translation>
    </message>
    <message>
        <source>Discard {count} changes for good? They cannot be brought back afterwards.</source>
        <translation>确定丢弃 {count} 处更改吗？之后无法恢复。</translation>
    </message>
    <message>
        <source>Keep them</source>
        <translation>保留</translation>
    </message>
    <message>
        <source>Discard for good</source>
        <translation>确定丢弃</translation>
    </message>
</context>
<context>
    <name>Restoring</name>
    <message>
        <source>Restoring changes</source>
        <translation>正在恢复更改</translation>
    </message>
    <message>
        <source>This file was changed after you had made these changes. They fit the new file too and were made again; please look through them.</source>
        <translation>在您做出这些更改之后，文件有过变化。这些更改也适用于新文件，已经恢复；请检查一遍。</translation>
    </message>
    <message>
        <source>{done} of {count} changes were made again. This one does not fit the file any more: {step}. {reason}</source>
        <translation>{count} 项更改中恢复了 {done} 项。下面这项已不适用于该文件：{step}。{reason}</translation>
    </message>
    <message>
        <source>The comparison is not restored: {reason}</source>
        <translation>未能恢复与模型的比较：{reason}</translation>
    </message>
    <message>
        <source>Building the model of then, to compare with it again…</source>
        <translation>正在重新构建当时的模型，以便再次比较…</translation>
    </message>
    <message>
        <source>Comparing</source>
        <translation>正在比较</translation>
    </message>
</context>
<context>
    <name>RowsTable</name>
    <message>
        <source>Add a &amp;row</source>
        <translation>添加一行(&amp;R)</translation>
    </message>
    <message>
        <source>Remove the ro&amp;ws</source>
        <translation>移除所选行(&amp;W)</translation>
    </message>
</context>
<context>
    <name>SaveTensorsDialog</name>
    <message>
        <source>Save tensors</source>
        <translation>保存张量</translation>
    </message>
    <message>
        <source>In which form are the selected tensors to be saved?</source>
        <translation>以哪种形式保存选中的张量？</translation>
    </message>
    <message>
        <source>&amp;Browse…</source>
        <translation>浏览(&amp;B)…</translation>
    </message>
    <message>
        <source>&amp;Replace the file that is there</source>
        <translation>替换已有的文件(&amp;R)</translation>
    </message>
    <message>
        <source>&amp;Form</source>
        <translation>形式(&amp;F)</translation>
    </message>
    <message>
        <source>&amp;To</source>
        <translation>保存到(&amp;T)</translation>
    </message>
    <message>
        <source>Progress of saving</source>
        <translation>保存进度</translation>
    </message>
    <message>
        <source>One NumPy archive (.npz)</source>
        <translation>一个 NumPy 归档（.npz）</translation>
    </message>
    <message>
        <source>A folder of NumPy arrays (.npy)</source>
        <translation>一个文件夹，内含 NumPy 数组（.npy）</translation>
    </message>
    <message>
        <source>A folder of tables (.csv)</source>
        <translation>一个文件夹，内含表格（.csv）</translation>
    </message>
    <message>
        <source>A safetensors file</source>
        <translation>一个 safetensors 文件</translation>
    </message>
    <message>
        <source>A PyTorch file (.pth)</source>
        <translation>一个 PyTorch 文件（.pth）</translation>
    </message>
    <message>
        <source>numpy.load reads it; each tensor has its name. Types that NumPy does not know, such as bfloat16, become float32.</source>
        <translation>用 numpy.load 读取；每个张量以其名称命名。NumPy 不支持的类型（如 bfloat16）会变成 float32。</translation>
    </message>
    <message>
        <source>A file for each tensor, named after it. Types that NumPy does not know, such as bfloat16, become float32.</source>
        <translation>每个张量一个文件，以张量命名。NumPy 不支持的类型（如 bfloat16）会变成 float32。</translation>
    </message>
    <message>
        <source>A file of text for each tensor, for spreadsheets: large, and slow for many values.</source>
        <translation>每个张量一个文本文件，供电子表格使用：文件较大，值多时较慢。</translation>
    </message>
    <message>
        <source>A checkpoint with these tensors alone, bit by bit as they are.</source>
        <translation>只含这些张量的检查点，逐位保持原样。</translation>
    </message>
    <message>
        <source>A checkpoint with these tensors alone, bit by bit as they are; torch.load reads it with weights_only=True.</source>
        <translation>只含这些张量的检查点，逐位保持原样；torch.load 可用 weights_only=True 读取。</translation>
    </message>
    <message>
        <source>Looking at the selection…</source>
        <translation>正在查看选中的内容…</translation>
    </message>
    <message>
        <source>1 tensor, {size}</source>
        <translation>1 个张量，{size}</translation>
    </message>
    <message>
        <source>{count} tensors, {size}</source>
        <translation>{count} 个张量，{size}</translation>
    </message>
    <message>
        <source>1 of them has no values and is left out.</source>
        <translation>其中 1 个没有值，将不保存。</translation>
    </message>
    <message>
        <source>{count} of them have no values and are left out.</source>
        <translation>其中 {count} 个没有值，将不保存。</translation>
    </message>
    <message>
        <source>Save to</source>
        <translation>保存到</translation>
    </message>
    <message>
        <source>Say where to save them.</source>
        <translation>请指定保存位置。</translation>
    </message>
    <message>
        <source>The folder does not exist.</source>
        <translation>该文件夹不存在。</translation>
    </message>
    <message>
        <source>A file with this name exists.</source>
        <translation>已有同名文件。</translation>
    </message>
    <message>
        <source>There are no tensors in the selection.</source>
        <translation>选中的内容里没有张量。</translation>
    </message>
    <message>
        <source>Save 1 tensor</source>
        <translation>保存 1 个张量</translation>
    </message>
    <message>
        <source>Save {count} tensors</source>
        <translation>保存 {count} 个张量</translation>
    </message>
    <message>
        <source>Save</source>
        <translation>保存</translation>
    </message>
    <message>
        <source>Saving tensors</source>
        <translation>正在保存张量</translation>
    </message>
    <message>
        <source>Stopped: nothing was saved.</source>
        <translation>已停止：没有保存任何内容。</translation>
    </message>
</context>
<context>
    <name>ShortcutsDialog</name>
    <message>
        <source>Keyboard shortcuts</source>
        <translation>键盘快捷键</translation>
    </message>
    <message>
        <source>Open or close a group</source>
        <translation>展开或折叠分组</translation>
    </message>
    <message>
        <source>Open everything below a group</source>
        <translation>展开分组的所有下级</translation>
    </message>
    <message>
        <source>Next or previous tab</source>
        <translation>下一个或上一个标签页</translation>
    </message>
    <message>
        <source>Menu of the current row</source>
        <translation>当前行的菜单</translation>
    </message>
    <message>
        <source>Menu key, Shift+F10</source>
        <translation>菜单键、Shift+F10</translation>
    </message>
    <message>
        <source>Clear the filter, close a dialog, cancel a drag</source>
        <translation>清空筛选、关闭对话框、取消拖动</translation>
    </message>
    <message>
        <source>What</source>
        <translation>操作</translation>
    </message>
    <message>
        <source>Keys</source>
        <translation>按键</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
</context>
<context>
    <name>SizesPane</name>
    <message>
        <source>Adding up sizes…</source>
        <translation>正在统计大小…</translation>
    </message>
    <message>
        <source>There are no tensors in this file.</source>
        <translation>这个文件中没有张量。</translation>
    </message>
    <message>
        <source>Each rectangle is as large as its share of the bytes. Click one to select it.</source>
        <translation>每个矩形的面积与它占用的字节数成正比。点击即可选中。</translation>
    </message>
</context>
<context>
    <name>SplitDialog</name>
    <message>
        <source>Split</source>
        <translation>拆分</translation>
    </message>
    <message>
        <source>Into which parts is “{name}” to be split?</source>
        <translation>要把“{name}”拆分成哪几个部分？</translation>
    </message>
    <message>
        <source>Its shape is {shape}. Give the names of the parts in order, separated by commas; no value changes.</source>
        <translation>它的形状是 {shape}。请依次给出各部分的名称，用英文逗号分隔；值不会改变。</translation>
    </message>
    <message>
        <source>Names of the parts</source>
        <translation>各部分的名称</translation>
    </message>
    <message>
        <source>Axis</source>
        <translation>轴</translation>
    </message>
    <message>
        <source>equal parts</source>
        <translation>大小相等</translation>
    </message>
    <message>
        <source>Sizes of the parts</source>
        <translation>各部分的大小</translation>
    </message>
    <message>
        <source>&amp;Names</source>
        <translation>名称(&amp;N)</translation>
    </message>
    <message>
        <source>&amp;Axis</source>
        <translation>轴(&amp;A)</translation>
    </message>
    <message>
        <source>Si&amp;zes</source>
        <translation>大小(&amp;Z)</translation>
    </message>
    <message>
        <source>Give at least two names, separated by commas.</source>
        <translation>请给出至少两个名称，用英文逗号分隔。</translation>
    </message>
    <message>
        <source>Sizes are whole numbers, separated by commas.</source>
        <translation>大小应为整数，用英文逗号分隔。</translation>
    </message>
    <message>
        <source>Their shapes: {shapes}</source>
        <translation>它们的形状：{shapes}</translation>
    </message>
    <message>
        <source>Split into {count} tensors</source>
        <translation>拆分为 {count} 个张量</translation>
    </message>
    <message>
        <source>Into which parts are the {count} tensors “{pattern}” to be split?</source>
        <translation>将 {count} 个“{pattern}”张量拆分成哪几部分？</translation>
    </message>
    <message>
        <source>Give the names of the parts in order, separated by commas; {n} and the like stand for the numbers of each tensor. No value changes.</source>
        <translation>按顺序写出各部分的名称，用逗号分隔；{n} 等代表每个张量的编号。数值不会改变。</translation>
    </message>
    <message>
        <source>“{name}” is {size} long along this axis: the parts do not come to that.</source>
        <translation>“{name}”沿此轴的长度为 {size}，各部分之和与此不符。</translation>
    </message>
    <message>
        <source>Every part needs a name of its own: write {n} where the number stands.</source>
        <translation>每个部分都需要自己的名称：请在编号处写 {n}。</translation>
    </message>
</context>
<context>
    <name>StatusChip</name>
    <message>
        <source>Click to show only these; click again to show all.</source>
        <translation>点击则只显示这些；再次点击则显示全部。</translation>
    </message>
</context>
<context>
    <name>StatusChips</name>
    <message>
        <source>Show only</source>
        <translation>只显示</translation>
    </message>
</context>
<context>
    <name>StatusLine</name>
    <message>
        <source>Where you are</source>
        <translation>当前位置</translation>
    </message>
    <message>
        <source>1 tensor</source>
        <translation>1 个张量</translation>
    </message>
    <message>
        <source>{count} tensors</source>
        <translation>{count} 个张量</translation>
    </message>
    <message>
        <source>1 tensor selected</source>
        <translation>已选 1 个张量</translation>
    </message>
    <message>
        <source>{count} tensors selected</source>
        <translation>已选 {count} 个张量</translation>
    </message>
    <message>
        <source>{name}  ·  not part of the weights</source>
        <translation>{name}  ·  不属于权重</translation>
    </message>
</context>
<context>
    <name>Statuses</name>
    <message>
        <source>Matched</source>
        <translation>匹配</translation>
    </message>
    <message>
        <source>Size mismatch</source>
        <translation>尺寸不匹配</translation>
    </message>
    <message>
        <source>Missing</source>
        <translation>缺失</translation>
    </message>
    <message>
        <source>Unexpected</source>
        <translation>多余</translation>
    </message>
    <message>
        <source>1 size mismatch</source>
        <translation>1 个尺寸不匹配</translation>
    </message>
    <message>
        <source>{count} size mismatches</source>
        <translation>{count} 个尺寸不匹配</translation>
    </message>
    <message>
        <source>{count} matched</source>
        <translation>{count} 个匹配</translation>
    </message>
    <message>
        <source>{count} missing</source>
        <translation>{count} 个缺失</translation>
    </message>
    <message>
        <source>{count} unexpected</source>
        <translation>{count} 个多余</translation>
    </message>
    <message>
        <source>{word}: {meaning}</source>
        <translation>{word}：{meaning}</translation>
    </message>
    <message>
        <source>The file and the model both have this name with the same shape: PyTorch copies the values.</source>
        <translation>文件和模型都有这个名称，形状也相同：PyTorch 会复制这些值。</translation>
    </message>
    <message>
        <source>Both have this name, but with different shapes: PyTorch refuses to load the file, even with strict=False.</source>
        <translation>两边都有这个名称，但形状不同：PyTorch 会拒绝加载这个文件，即使使用 strict=False 也不行。</translation>
    </message>
    <message>
        <source>The model expects this name and the file does not have it: PyTorch refuses to load the file, or with strict=False leaves this part of the model at its random start.</source>
        <translation>模型需要这个名称，而文件中没有：PyTorch 会拒绝加载这个文件；如果使用 strict=False，模型的这一部分会停留在随机初始值。</translation>
    </message>
    <message>
        <source>The file has this name and the model does not: PyTorch refuses to load the file, or with strict=False ignores these values.</source>
        <translation>文件中有这个名称，而模型没有：PyTorch 会拒绝加载这个文件；如果使用 strict=False，则忽略这些值。</translation>
    </message>
</context>
<context>
    <name>StepList</name>
    <message>
        <source>Steps of the recipe</source>
        <translation>配方的步骤</translation>
    </message>
    <message>
        <source>Step</source>
        <translation>步骤</translation>
    </message>
    <message>
        <source>On this file</source>
        <translation>对此文件</translation>
    </message>
</context>
<context>
    <name>StripPrefixDialog</name>
    <message>
        <source>Strip prefix</source>
        <translation>去除前缀</translation>
    </message>
    <message>
        <source>Which prefix should go?</source>
        <translation>要去除哪个前缀？</translation>
    </message>
    <message>
        <source>Wrappers used for training put a word before every name: DataParallel “module.”, torch.compile “_orig_mod.”, Lightning “model.”. The plain model does not have it.</source>
        <translation>训练时用的包装器会在每个名称前加上一个词：DataParallel 加“module.”，torch.compile 加“_orig_mod.”，Lightning 加“model.”。原本的模型没有这个词。</translation>
    </message>
    <message>
        <source>Prefixes found in this file</source>
        <translation>在这个文件中找到的前缀</translation>
    </message>
    <message>
        <source>{prefix}    {matching} of {total} names, also in the middle</source>
        <translation>{prefix}    {total} 个名称中有 {matching} 个，包括名称中间的</translation>
    </message>
    <message>
        <source>{prefix}    {matching} of {total} names</source>
        <translation>{prefix}    {total} 个名称中有 {matching} 个</translation>
    </message>
    <message>
        <source>Prefix</source>
        <translation>前缀</translation>
    </message>
    <message>
        <source>Also in the &amp;middle of names (“features.module.0” becomes “features.0”)</source>
        <translation>也去除名称中间的(&amp;M)（“features.module.0”变为“features.0”）</translation>
    </message>
    <message>
        <source>&amp;Found</source>
        <translation>已找到(&amp;F)</translation>
    </message>
    <message>
        <source>&amp;Prefix</source>
        <translation>前缀(&amp;P)</translation>
    </message>
    <message>
        <source>Type the prefix, with its dot.</source>
        <translation>请输入前缀，包括末尾的点。</translation>
    </message>
    <message>
        <source>Strip “{prefix}” from 1 name</source>
        <translation>从 1 个名称中去除“{prefix}”</translation>
    </message>
    <message>
        <source>Strip “{prefix}” from {count} names</source>
        <translation>从 {count} 个名称中去除“{prefix}”</translation>
    </message>
</context>
<context>
    <name>SuggestionsBar</name>
    <message>
        <source>Apply</source>
        <translation>应用</translation>
    </message>
    <message>
        <source>Does it now. Undo takes it back.</source>
        <translation>立即执行，可以撤销。</translation>
    </message>
</context>
<context>
    <name>SummaryHeader</name>
    <message>
        <source>Compare with a model…</source>
        <translation>与模型比较…</translation>
    </message>
    <message>
        <source>See which names and shapes a model expects that differ from this file</source>
        <translation>看看模型需要的名称和形状与这个文件有何不同</translation>
    </message>
    <message>
        <source>Export weights only…</source>
        <translation>只导出权重…</translation>
    </message>
    <message>
        <source>Export…</source>
        <translation>导出…</translation>
    </message>
    <message>
        <source>Values not checked yet</source>
        <translation>数值尚未检查</translation>
    </message>
    <message>
        <source>Click to read every value: damage, NaN, infinite values and layers of zeros.</source>
        <translation>点击后读取每个值：查找损坏、NaN、无穷值和全零的层。</translation>
    </message>
    <message>
        <source>Click to see what the check of the values found.</source>
        <translation>点击查看数值检查的结果。</translation>
    </message>
    <message>
        <source>Looking at the file…</source>
        <translation>正在查看文件…</translation>
    </message>
    <message>
        <source>A whole model: {name}</source>
        <translation>完整模型：{name}</translation>
    </message>
    <message>
        <source>{name}, says the file</source>
        <translation>{name}（据文件记录）</translation>
    </message>
    <message>
        <source>No weights found: nothing in this file maps names to tensors</source>
        <translation>没有找到权重：这个文件中没有从名称到张量的映射</translation>
    </message>
    <message>
        <source>{count} parameters</source>
        <translation>{count} 参数</translation>
    </message>
    <message>
        <source>saved on {device}</source>
        <translation>保存于 {device}</translation>
    </message>
    <message>
        <source>{parameters} parameters, {bytes} bytes
{dtypes}
{devices}</source>
        <translation>{parameters} 个参数，{bytes} 字节
{dtypes}
{devices}</translation>
    </message>
    <message>
        <source>nearly {architecture}</source>
        <translation>接近 {architecture}</translation>
    </message>
    <message>
        <source>{architecture}, {count} classes</source>
        <translation>{architecture}，{count} 个类别</translation>
    </message>
    <message>
        <source>Nothing else is in this file</source>
        <translation>文件中没有其他内容</translation>
    </message>
    <message>
        <source>Also inside: {list}</source>
        <translation>另含：{list}</translation>
    </message>
    <message>
        <source>and {count} more</source>
        <translation>还有 {count} 项</translation>
    </message>
    <message>
        <source>What an optimizer saved, without weights</source>
        <translation>优化器保存的内容，不含权重</translation>
    </message>
    <message>
        <source>{architecture}, 1 class</source>
        <translation>{architecture}，1 个类别</translation>
    </message>
    <message>
        <source>{family} of rank {rank}, to be used with its base model</source>
        <translation>{family}，秩 {rank}，须与其基础模型一起使用</translation>
    </message>
    <message>
        <source>{family}, 1 layer</source>
        <translation>{family}，1 层</translation>
    </message>
    <message>
        <source>{family}, {count} layers</source>
        <translation>{family}，{count} 层</translation>
    </message>
    <message>
        <source>{family}, width {width}</source>
        <translation>{family}，宽度 {width}</translation>
    </message>
    <message>
        <source>1 note (metadata)</source>
        <translation>1 条说明（元数据）</translation>
    </message>
    <message>
        <source>{count} notes (metadata)</source>
        <translation>{count} 条说明（元数据）</translation>
    </message>
    <message>
        <source>What else the file holds. A model does not load it; exporting can leave it out.</source>
        <translation>文件中的其他内容。模型不会加载它们，导出时可以不带。</translation>
    </message>
    <message>
        <source>{name} (averaged weights)</source>
        <translation>{name}（平均权重）</translation>
    </message>
    <message>
        <source>{name} {size} ({percent} % of the file)</source>
        <translation>{name} {size}（占文件 {percent} %）</translation>
    </message>
    <message>
        <source>You see averaged weights (EMA)</source>
        <translation>当前是平均权重（EMA）</translation>
    </message>
    <message>
        <source>“{name}” holds the running average of the weights over the training (EMA), which usually works better than the last step&apos;s. Click to look at the other weights in this file.</source>
        <translation>“{name}”是训练过程中权重的滑动平均（EMA），效果通常好于最后一步的权重。点击可查看文件中的其他权重。</translation>
    </message>
    <message>
        <source>Averaged weights (EMA) inside</source>
        <translation>内有平均权重（EMA）</translation>
    </message>
    <message>
        <source>Beside the weights of the last step, “{name}”, the file holds their running average over the training (EMA). The average usually works better. Click to look at it, or to use its values as the weights.</source>
        <translation>除最后一步的权重“{name}”外，文件中还有它们在训练过程中的滑动平均（EMA），后者的效果通常更好。点击可查看平均权重，或把它的值用作权重。</translation>
    </message>
    <message>
        <source>{count} sets of weights</source>
        <translation>{count} 组权重</translation>
    </message>
    <message>
        <source>The file holds the weights of several models, or of parts of one. The summary, the comparison and edits are about “{name}”. Click to look at other weights.</source>
        <translation>文件中有多个模型（或一个模型各部分）的权重。摘要、比较和编辑针对的是“{name}”。点击可查看其他权重。</translation>
    </message>
    <message>
        <source>Contains code that PyTorch would run</source>
        <translation>包含 PyTorch 会运行的代码</translation>
    </message>
    <message>
        <source>Nothing was run by opening it here. Click to see what the file would do elsewhere.</source>
        <translation>在这里打开时没有运行任何代码。点击可查看这个文件在别处会做什么。</translation>
    </message>
    <message>
        <source>PyTorch would run unknown code</source>
        <translation>PyTorch 会运行未知代码</translation>
    </message>
    <message>
        <source>Usual for a model that was saved whole: its classes come along. Load it elsewhere only if you trust its origin; opening it here ran nothing. Click to see more.</source>
        <translation>整体保存的模型通常如此：它的类会一并带上。只有在信任其来源时才在别处加载它；在这里打开没有运行任何东西。点击查看更多。</translation>
    </message>
    <message>
        <source>A program of PyTorch, with its weights</source>
        <translation>PyTorch 程序，含权重</translation>
    </message>
    <message>
        <source>PyTorch runs the program in this file when the model is used. Opening it here ran nothing; only the weights are read and exported. Click to see more.</source>
        <translation>使用模型时，PyTorch 会运行此文件中的程序。在这里打开并未运行任何内容；只读取和导出权重。点击查看详情。</translation>
    </message>
    <message>
        <source>1 thing to know</source>
        <translation>1 件事值得注意</translation>
    </message>
    <message>
        <source>{count} things to know</source>
        <translation>{count} 件事值得注意</translation>
    </message>
    <message>
        <source>Click to see what was noticed while reading the file.</source>
        <translation>点击可查看读取文件时发现的情况。</translation>
    </message>
    <message>
        <source>No code in this file</source>
        <translation>文件中没有代码</translation>
    </message>
    <message>
        <source>Nothing in this file would be run by loading it.</source>
        <translation>加载这个文件不会运行其中的任何内容。</translation>
    </message>
    <message>
        <source>Code of known libraries only</source>
        <translation>只有知名库的代码</translation>
    </message>
    <message>
        <source>To load this file, PyTorch runs code of well-known libraries, and no other.</source>
        <translation>要加载此文件，PyTorch 只会运行知名库的代码，不会运行其他代码。</translation>
    </message>
    <message>
        <source>1 note; click to see it.</source>
        <translation>1 条提示，点击可查看。</translation>
    </message>
    <message>
        <source>{count} notes; click to see.</source>
        <translation>{count} 条提示，点击可查看。</translation>
    </message>
    <message>
        <source>All names start with “{prefix}”.</source>
        <translation>所有名称都以“{prefix}”开头。</translation>
    </message>
    <message>
        <source>“{prefix}” stands inside 1 name.</source>
        <translation>1 个名称中间含有“{prefix}”。</translation>
    </message>
    <message>
        <source>“{prefix}” stands inside {count} names.</source>
        <translation>{count} 个名称中间含有“{prefix}”。</translation>
    </message>
    <message>
        <source>{count} of {total} names start with “{prefix}”.</source>
        <translation>{total} 个名称中有 {count} 个以“{prefix}”开头。</translation>
    </message>
    <message>
        <source>But some values are not sound: see Checks.</source>
        <translation>但有些数值不正常：请看“健康检查”。</translation>
    </message>
    <message>
        <source>Strip “{prefix}”</source>
        <translation>去除“{prefix}”</translation>
    </message>
    <message>
        <source>The tree shows what there is. To find weights inside, open its groups.</source>
        <translation>树中显示了全部内容。要查找其中的权重，请展开各个组。</translation>
    </message>
    <message>
        <source>Next: compare with the model that shall load these weights.</source>
        <translation>下一步：与要加载这些权重的模型比较。</translation>
    </message>
    <message>
        <source>Everything matches: PyTorch loads this file into the model.</source>
        <translation>全部匹配：PyTorch 可以把这个文件加载到模型中。</translation>
    </message>
    <message>
        <source>Compare with {name}</source>
        <translation>与 {name} 比较</translation>
    </message>
    <message>
        <source>Leaves out {size} that a model does not load, such as the optimizer&apos;s state</source>
        <translation>略去模型不会加载的 {size}，例如优化器状态</translation>
    </message>
    <message>
        <source>Everything matches: PyTorch loads “{name}” into the model.</source>
        <translation>全部匹配：PyTorch 可以把“{name}”载入该模型。</translation>
    </message>
</context>
<context>
    <name>TablePage</name>
    <message>
        <source>Table of values</source>
        <translation>数值表</translation>
    </message>
    <message>
        <source>Integers as stored</source>
        <translation>存储的整数</translation>
    </message>
    <message>
        <source>A quantised tensor stores integers; its scale and zero point make real numbers of them</source>
        <translation>量化张量存储整数；用缩放因子和零点换算成实数</translation>
    </message>
    <message>
        <source>NaN means “not a number”: what 0/0 gives. A network computes nothing but NaN from it. Infinite values are too large for the number type.</source>
        <translation>NaN 意为“不是数字”，例如 0/0 的结果。网络由它只能算出 NaN。无穷值则超出了数值类型的范围。</translation>
    </message>
    <message>
        <source>To the NaN or infinite value before this one (Shift+F3)</source>
        <translation>转到此处之前的 NaN 或无穷值 (Shift+F3)</translation>
    </message>
    <message>
        <source>Previou&amp;s</source>
        <translation>上一个(&amp;S)</translation>
    </message>
    <message>
        <source>Ne&amp;xt</source>
        <translation>下一个(&amp;X)</translation>
    </message>
    <message>
        <source>To the next NaN or infinite value (F3)</source>
        <translation>转到下一个 NaN 或无穷值 (F3)</translation>
    </message>
    <message>
        <source>1 value is NaN or infinite</source>
        <translation>1 个数值为 NaN 或无穷</translation>
    </message>
    <message>
        <source>{count} values are NaN or infinite</source>
        <translation>{count} 个数值为 NaN 或无穷</translation>
    </message>
</context>
<context>
    <name>TakeNameDialog</name>
    <message>
        <source>Use a name of the model</source>
        <translation>使用模型中的名称</translation>
    </message>
    <message>
        <source>Which tensor is “{name}”?</source>
        <translation>哪个张量是“{name}”？</translation>
    </message>
    <message>
        <source>The model expects the shape {shape}. Tensors with this shape that the model does not know under their present name stand first.</source>
        <translation>模型需要的形状是 {shape}。形状相同、且现有名称不在模型中的张量排在最前面。</translation>
    </message>
    <message>
        <source>Filter names</source>
        <translation>筛选名称</translation>
    </message>
    <message>
        <source>Filter the tensors</source>
        <translation>筛选张量</translation>
    </message>
    <message>
        <source>Tensors of the file</source>
        <translation>文件中的张量</translation>
    </message>
    <message>
        <source>The model expects the shape {shape}, which no tensor of this file has. Those that the model does not know under their present name stand first.</source>
        <translation>模型期望形状 {shape}，本文件中没有这种形状的张量。模型不认识其当前名称的张量排在前面。</translation>
    </message>
    <message>
        <source>Choose a tensor.</source>
        <translation>请选择一个张量。</translation>
    </message>
    <message>
        <source>Use this tensor</source>
        <translation>使用这个张量</translation>
    </message>
</context>
<context>
    <name>TakenModel</name>
    <message>
        <source>added</source>
        <translation>添加</translation>
    </message>
    <message>
        <source>replaced</source>
        <translation>替换</translation>
    </message>
    <message>
        <source>replaced, other shape</source>
        <translation>替换，形状不同</translation>
    </message>
    <message>
        <source>equal</source>
        <translation>相同</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>名称</translation>
    </message>
    <message>
        <source>What happens</source>
        <translation>处理方式</translation>
    </message>
    <message>
        <source>Here</source>
        <translation>这里</translation>
    </message>
    <message>
        <source>In the other file</source>
        <translation>另一个文件中</translation>
    </message>
</context>
<context>
    <name>Taking</name>
    <message>
        <source>There are no weights here to add them to.</source>
        <translation>这里没有可供添加的权重。</translation>
    </message>
    <message>
        <source>These names belong to another file.</source>
        <translation>这些名称属于另一个文件。</translation>
    </message>
    <message>
        <source>Take over from “{name}”: {added} added, {replaced} replaced</source>
        <translation>从“{name}”取用：添加 {added} 个，替换 {replaced} 个</translation>
    </message>
</context>
<context>
    <name>TensorTreeModel</name>
    <message>
        <source>Weights</source>
        <translation>权重</translation>
    </message>
    <message>
        <source>{label}  (active)</source>
        <translation>{label}（当前）</translation>
    </message>
    <message>
        <source>(empty name)</source>
        <translation>（空名称）</translation>
    </message>
    <message>
        <source>{name}  (not weights)</source>
        <translation>{name}（非权重）</translation>
    </message>
    <message>
        <source>extra state</source>
        <translation>附加状态</translation>
    </message>
    <message>
        <source>1 tensor</source>
        <translation>1 个张量</translation>
    </message>
    <message>
        <source>{count} tensors</source>
        <translation>{count} 个张量</translation>
    </message>
    <message>
        <source>1 entry</source>
        <translation>1 项</translation>
    </message>
    <message>
        <source>{count} entries</source>
        <translation>{count} 项</translation>
    </message>
    <message>
        <source>all matched</source>
        <translation>全部匹配</translation>
    </message>
    <message>
        <source>{count} dtypes</source>
        <translation>{count} 种数据类型</translation>
    </message>
    <message>
        <source>{count} devices</source>
        <translation>{count} 个设备</translation>
    </message>
    <message>
        <source>Saved on: {devices}</source>
        <translation>保存于：{devices}</translation>
    </message>
    <message>
        <source>{count} bytes</source>
        <translation>{count} 字节</translation>
    </message>
    <message>
        <source>{name}
{shape} · {values} · {dtype} · {bytes} bytes</source>
        <translation>{name}
{shape} · {values} · {dtype} · {bytes} 字节</translation>
    </message>
    <message>
        <source>A state dict: the names and tensors that a model loads. Renaming, stripping, popping and comparing act on the active one; double-click another to make it active.</source>
        <translation>状态字典（state dict）：模型加载的名称和张量。重命名、去除前缀、移除和比较都针对当前状态字典；双击另一个状态字典即可把它设为当前。</translation>
    </message>
    <message>
        <source>{name}
{count} tensors, {size}</source>
        <translation>{name}
{count} 个张量，{size}</translation>
    </message>
    <message>
        <source>{name}
Not part of the weights: a model does not load this.</source>
        <translation>{name}
不属于权重：模型不会加载它。</translation>
    </message>
    <message>
        <source>The check of the values warns of it.</source>
        <translation>数值检查对它提出了警告。</translation>
    </message>
    <message>
        <source>The check of the values warns of a tensor in it.</source>
        <translation>数值检查对其中的一个张量提出了警告。</translation>
    </message>
    <message>
        <source>bookmarked</source>
        <translation>已加书签</translation>
    </message>
    <message>
        <source>warning in the values</source>
        <translation>数值有警告</translation>
    </message>
    <message>
        <source>“{text}” is no number, True, False or None.</source>
        <translation>“{text}”不是数字，也不是 True、False 或 None。</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>名称</translation>
    </message>
    <message>
        <source>Shape</source>
        <translation>形状</translation>
    </message>
    <message>
        <source>Dtype</source>
        <translation>数据类型</translation>
    </message>
    <message>
        <source>Device</source>
        <translation>设备</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>大小</translation>
    </message>
    <message>
        <source>In the model</source>
        <translation>模型中</translation>
    </message>
    <message>
        <source>The names, grouped at their dots</source>
        <translation>名称，按其中的点分组</translation>
    </message>
    <message>
        <source>Sizes of the tensor along its axes; for groups, how many tensors are in it</source>
        <translation>张量各个轴的大小；对于分组，则是其中的张量个数</translation>
    </message>
    <message>
        <source>What kind of number each value is, for example float32 (4 bytes)</source>
        <translation>每个值是哪一种数，例如 float32（4 字节）</translation>
    </message>
    <message>
        <source>The device the tensor was on when the file was saved</source>
        <translation>保存文件时张量所在的设备</translation>
    </message>
    <message>
        <source>Bytes of the values</source>
        <translation>所有值占用的字节数</translation>
    </message>
    <message>
        <source>Whether the model you compare with has this name with this shape</source>
        <translation>用来比较的模型是否有这个名称，且形状相同</translation>
    </message>
</context>
<context>
    <name>TensorTreeView</name>
    <message>
        <source>Contents of the file</source>
        <translation>文件的内容</translation>
    </message>
    <message>
        <source>Columns</source>
        <translation>列</translation>
    </message>
    <message>
        <source>Drop it on a group of the active state dict.</source>
        <translation>请拖放到当前状态字典的分组上。</translation>
    </message>
    <message>
        <source>A group cannot be moved into itself.</source>
        <translation>不能把分组移到它自身之内。</translation>
    </message>
    <message>
        <source>It is there already.</source>
        <translation>它已经在那里了。</translation>
    </message>
    <message>
        <source>1 tensor</source>
        <translation>1 个张量</translation>
    </message>
    <message>
        <source>{count} tensors</source>
        <translation>{count} 个张量</translation>
    </message>
    <message>
        <source>{count}: {outcome}</source>
        <translation>{count}：{outcome}</translation>
    </message>
    <message>
        <source>Taking tensors over</source>
        <translation>正在取用张量</translation>
    </message>
    <message>
        <source>Drop it on a group.</source>
        <translation>请拖放到分组上。</translation>
    </message>
    <message>
        <source>Weights</source>
        <translation>权重</translation>
    </message>
    <message>
        <source>No name fits “{text}”.
Press Escape to see everything again.</source>
        <translation>没有符合“{text}”的名称。
按 Esc 键可重新显示全部。</translation>
    </message>
    <message>
        <source>What is missing shows when this file is compared with a model.
Choose one with Ctrl+M.</source>
        <translation>与模型比较后才能看到缺少哪些名称。
按 Ctrl+M 选择模型。</translation>
    </message>
    <message>
        <source>What is missing is not in this file: the comparison beside this lists it.
Press Escape to see everything again.</source>
        <translation>缺少的名称不在此文件中：旁边的比较列出了它们。
按 Esc 重新显示全部。</translation>
    </message>
</context>
<context>
    <name>TileModel</name>
    <message>
        <source>Reading values</source>
        <translation>正在读取值</translation>
    </message>
</context>
<context>
    <name>TorchvisionPage</name>
    <message>
        <source>Search, for example: resnet</source>
        <translation>搜索，例如：resnet</translation>
    </message>
    <message>
        <source>Search models</source>
        <translation>搜索模型</translation>
    </message>
    <message>
        <source>torchvision models</source>
        <translation>torchvision 模型</translation>
    </message>
    <message>
        <source>Choose a model from the list.</source>
        <translation>请从列表中选择一个模型。</translation>
    </message>
</context>
<context>
    <name>Tour</name>
    <message>
        <source>&amp;Show me</source>
        <translation>演示给我看(&amp;S)</translation>
    </message>
    <message>
        <source>&amp;Open a file…</source>
        <translation>打开文件(&amp;O)…</translation>
    </message>
    <message>
        <source>User &amp;guide</source>
        <translation>使用指南(&amp;G)</translation>
    </message>
    <message>
        <source>{number} of {count}</source>
        <translation>{number} / {count}</translation>
    </message>
    <message>
        <source>&amp;Next</source>
        <translation>下一步(&amp;N)</translation>
    </message>
    <message>
        <source>Fi&amp;nish</source>
        <translation>完成(&amp;N)</translation>
    </message>
    <message>
        <source>What this file is</source>
        <translation>这是什么文件</translation>
    </message>
    <message>
        <source>A checkpoint is what training leaves behind: the numbers that a network has learnt. These lines say how many there are and of what kind, what else is in the file, and whether it is safe and healthy. No code in it was run to find that out.</source>
        <translation>检查点是训练留下的成果：网络学到的数字。这几行说明有多少数字、是什么类型、文件里还有什么，以及是否安全、健康。得出这些结论时没有运行文件中的任何代码。</translation>
    </message>
    <message>
        <source>What is inside</source>
        <translation>里面有什么</translation>
    </message>
    <message>
        <source>Each array of learnt numbers is a tensor and has a name. Names are grouped at their dots, like folders. The grey lines below, such as epoch, are notes of the training.</source>
        <translation>每组学到的数字叫张量，都有名称。名称按圆点分组，就像文件夹。下面灰色的行（如 epoch）是训练时的记录。</translation>
    </message>
    <message>
        <source>Try it: open “layer1” and select a tensor. → and ← open and close groups.</source>
        <translation>试一试：展开“layer1”并选中一个张量。→ 和 ← 可以展开和折叠组。</translation>
    </message>
    <message>
        <source>That is a tensor. Its shape says how many numbers it has along each axis.</source>
        <translation>这就是张量。形状表示它在每个轴上有多少个数字。</translation>
    </message>
    <message>
        <source>A look into a tensor</source>
        <translation>看看张量内部</translation>
    </message>
    <message>
        <source>Here is what the selected tensor holds: its facts, how its values are spread, a picture of them and the numbers themselves. The tabs beside it show changes, checks and sizes.</source>
        <translation>这里显示所选张量的内容：基本信息、数值分布、图像和具体数字。旁边的标签页显示更改历史、检查结果和大小。</translation>
    </message>
    <message>
        <source>Find any name</source>
        <translation>查找名称</translation>
    </message>
    <message>
        <source>Type a part of a name, and only what fits stays in the tree. You can ask for shapes and sizes too: shape:[*,3,3,3] or size:&gt;100kB.</source>
        <translation>输入名称的一部分，树中只留下符合的。也可以按形状和大小查找：shape:[*,3,3,3] 或 size:&gt;100kB。</translation>
    </message>
    <message>
        <source>Try it: type “{text}” here.</source>
        <translation>试一试：在这里输入“{text}”。</translation>
    </message>
    <message>
        <source>Only the names with that text are left. Esc in the field shows all again.</source>
        <translation>只剩下含有这段文字的名称。在输入框中按 Esc 恢复全部。</translation>
    </message>
    <message>
        <source>Put the names right</source>
        <translation>修正名称</translation>
    </message>
    <message>
        <source>This network was trained on several graphics cards, which put “{prefix}” before every name. A model would not know a single one of them.</source>
        <translation>这个网络用多块显卡训练，因此每个名称前都加了“{prefix}”。模型一个名称也认不出来。</translation>
    </message>
    <message>
        <source>Try it: press the blue button, or Strip prefix in the tools above.</source>
        <translation>试一试：按蓝色按钮，或上方工具栏的“去除前缀”。</translation>
    </message>
    <message>
        <source>Done: all names begin where the model&apos;s begin.</source>
        <translation>完成：所有名称都与模型的开头一致了。</translation>
    </message>
    <message>
        <source>Nothing can go wrong</source>
        <translation>放心操作</translation>
    </message>
    <message>
        <source>Every change is listed here and can be taken back, one by one. The file on the disk stays as it is: changes go into a new file when you export.</source>
        <translation>每处更改都列在这里，可以逐一撤销。磁盘上的文件保持不变：导出时更改会写入新文件。</translation>
    </message>
    <message>
        <source>Try it: {undo} takes the change back, {redo} makes it again.</source>
        <translation>试一试：{undo} 撤销更改，{redo} 重做。</translation>
    </message>
    <message>
        <source>It is taken back. A click on a line of the list goes to any state.</source>
        <translation>已撤销。点击列表中的任意一行可回到那个状态。</translation>
    </message>
    <message>
        <source>Will it load?</source>
        <translation>能加载吗？</translation>
    </message>
    <message>
        <source>Choose the model that is to load the file. Then each name says whether it is matched, missing, unexpected or of another size, and offers what would help.</source>
        <translation>选择要加载此文件的模型。之后每个名称都会标明是匹配、缺失、多余还是尺寸不匹配，并给出补救办法。</translation>
    </message>
    <message>
        <source>Try it: choose any model. The sample&apos;s own is sample_model.py, which lies beside it.</source>
        <translation>试一试：选择任意模型。示例自己的模型是旁边的 sample_model.py。</translation>
    </message>
    <message>
        <source>There is the verdict, with a suggestion for what does not fit yet.</source>
        <translation>结论出来了，还附有对不符之处的建议。</translation>
    </message>
    <message>
        <source>First a model is to be chosen, as in the step before: “Show me” does it.</source>
        <translation>请先像上一步那样选择一个模型：“演示给我看”会完成这一步。</translation>
    </message>
    <message>
        <source>Hand it on</source>
        <translation>交付成果</translation>
    </message>
    <message>
        <source>Export writes the result to a new file, reads it back to be sure, and only then puts it in its place. Half the size, weights only, .safetensors: the dialog asks for all that.</source>
        <translation>导出会把结果写入新文件，读回核对无误后才放到目标位置。减半大小、只留权重、.safetensors：都可在对话框中选择。</translation>
    </message>
    <message>
        <source>That was the tour</source>
        <translation>导览结束</translation>
    </message>
    <message>
        <source>What next? Open a file of your own, or drop it onto this window. F1 opens the guide, Shift+F1 shows all keys, and every button tells what it does when the pointer rests on it.</source>
        <translation>接下来呢？打开您自己的文件，或把它拖到窗口里。F1 打开使用指南，Shift+F1 显示所有快捷键，鼠标停在按钮上会说明它的作用。</translation>
    </message>
    <message>
        <source>Make it fit</source>
        <translation>让它匹配</translation>
    </message>
    <message>
        <source>What does not fit can be repaired here: names are matched, a head of another size is cut or grown, what is missing is filled. Each change is in the history.</source>
        <translation>不匹配的内容可以在这里修复：名称可以匹配，大小不同的分类头可以裁剪或扩展，缺少的内容可以补上。每一处更改都记录在历史中。</translation>
    </message>
    <message>
        <source>Try it: press what is offered, one after the other, until the verdict is green.</source>
        <translation>试一试：依次按下所提供的按钮，直到结论变为绿色。</translation>
    </message>
    <message>
        <source>Green: PyTorch would load it, every name and every shape matches.</source>
        <translation>绿色：PyTorch 可以加载它，所有名称和形状都匹配。</translation>
    </message>
</context>
<context>
    <name>Treemap</name>
    <message>
        <source>Sizes of the file&apos;s parts</source>
        <translation>文件各部分的大小</translation>
    </message>
    <message>
        <source>{name}: {size}, {percent} %</source>
        <translation>{name}：{size}，{percent} %</translation>
    </message>
    <message>
        <source>, 1 tensor</source>
        <translation>，1 个张量</translation>
    </message>
    <message>
        <source>, {count} tensors</source>
        <translation>，{count} 个张量</translation>
    </message>
</context>
<context>
    <name>UpdateDialog</name>
    <message>
        <source>Update from another checkpoint</source>
        <translation>从另一个检查点更新</translation>
    </message>
    <message>
        <source>Which tensors are to be taken over?</source>
        <translation>要取用哪些张量？</translation>
    </message>
    <message>
        <source>Filter names</source>
        <translation>筛选名称</translation>
    </message>
    <message>
        <source>Filter the tensors</source>
        <translation>筛选张量</translation>
    </message>
    <message>
        <source>Looking for equal values</source>
        <translation>正在查找相同的值</translation>
    </message>
    <message>
        <source>Tensors of the other file</source>
        <translation>另一个文件中的张量</translation>
    </message>
    <message>
        <source>A name that is not here yet is added; the tensor of a name that is here is replaced. What you do not tick stays as it is.</source>
        <translation>这里没有的名称会被添加；这里已有的名称，其张量会被替换。未勾选的保持不变。</translation>
    </message>
    <message>
        <source>Tick what is to be taken over.</source>
        <translation>请勾选要取用的张量。</translation>
    </message>
    <message>
        <source>Take over 1 tensor</source>
        <translation>取用 1 个张量</translation>
    </message>
    <message>
        <source>Take over {count} tensors</source>
        <translation>取用 {count} 个张量</translation>
    </message>
    <message>
        <source>The tensors of “{name}” are taken as you changed them there.</source>
        <translation>取用的是“{name}”中经您改动后的张量。</translation>
    </message>
    <message>
        <source>Looking for equal values…</source>
        <translation>正在查找相同的值…</translation>
    </message>
    <message>
        <source>&amp;Add {count}</source>
        <translation>添加 {count} 个(&amp;A)</translation>
    </message>
    <message>
        <source>&amp;Replace {count}</source>
        <translation>替换 {count} 个(&amp;R)</translation>
    </message>
    <message>
        <source>1 is equal</source>
        <translation>1 个相同</translation>
    </message>
    <message>
        <source>{count} are equal</source>
        <translation>{count} 个相同</translation>
    </message>
</context>
<context>
    <name>ValueSaver</name>
    <message>
        <source>These are too many values for the clipboard (more than {count}). Save them as a file instead.</source>
        <translation>值太多，剪贴板容纳不下（超过 {count} 个）。请改为保存为文件。</translation>
    </message>
    <message>
        <source>The values are on the clipboard.</source>
        <translation>值已复制到剪贴板。</translation>
    </message>
    <message>
        <source>Copying values</source>
        <translation>正在复制值</translation>
    </message>
    <message>
        <source>There is no picture yet.</source>
        <translation>还没有图像。</translation>
    </message>
    <message>
        <source>The picture is on the clipboard.</source>
        <translation>图像已复制到剪贴板。</translation>
    </message>
    <message>
        <source>NumPy arrays (*.npy)</source>
        <translation>NumPy 数组 (*.npy)</translation>
    </message>
    <message>
        <source>Tables of text (*.csv)</source>
        <translation>文本表格 (*.csv)</translation>
    </message>
    <message>
        <source>Pictures (*.png)</source>
        <translation>图像 (*.png)</translation>
    </message>
    <message>
        <source>Save</source>
        <translation>保存</translation>
    </message>
    <message>
        <source>Saving “{name}”</source>
        <translation>正在保存“{name}”</translation>
    </message>
    <message>
        <source>Saved: {path}</source>
        <translation>已保存：{path}</translation>
    </message>
</context>
<context>
    <name>ValueView</name>
    <message>
        <source>Reading values</source>
        <translation>正在读取值</translation>
    </message>
</context>
<context>
    <name>ValuesModel</name>
    <message>
        <source>{index}: {value}</source>
        <translation>{index}：{value}</translation>
    </message>
</context>
<context>
    <name>Viewers</name>
    <message>
        <source>Kernels</source>
        <translation>卷积核</translation>
    </message>
    <message>
        <source>Heat map</source>
        <translation>热力图</translation>
    </message>
    <message>
        <source>Curve</source>
        <translation>曲线</translation>
    </message>
    <message>
        <source>Histogram</source>
        <translation>直方图</translation>
    </message>
    <message>
        <source>Table</source>
        <translation>表格</translation>
    </message>
    <message>
        <source>Bytes</source>
        <translation>字节</translation>
    </message>
    <message>
        <source>The kernels of a convolution as pictures</source>
        <translation>以图像显示卷积核</translation>
    </message>
    <message>
        <source>The values as colours, row by row</source>
        <translation>逐行以颜色显示各个值</translation>
    </message>
    <message>
        <source>The values one after the other</source>
        <translation>依次显示各个值</translation>
    </message>
    <message>
        <source>How often which values occur</source>
        <translation>各种值出现的频率</translation>
    </message>
    <message>
        <source>The numbers themselves</source>
        <translation>数值本身</translation>
    </message>
    <message>
        <source>The bytes as the file stores them</source>
        <translation>文件中存储的字节</translation>
    </message>
</context>
<context>
    <name>WeightsMenu</name>
    <message>
        <source>Look at these weights: summary, comparison and edits are then about them</source>
        <translation>查看这组权重：之后摘要、比较和编辑都针对它</translation>
    </message>
    <message>
        <source>The tree shows the others</source>
        <translation>其余的见左侧树</translation>
    </message>
    <message>
        <source>the file itself</source>
        <translation>文件本身</translation>
    </message>
    <message>
        <source>averaged weights (EMA)</source>
        <translation>平均权重（EMA）</translation>
    </message>
    <message>
        <source>1 tensor</source>
        <translation>1 个张量</translation>
    </message>
    <message>
        <source>{count} tensors</source>
        <translation>{count} 个张量</translation>
    </message>
</context>
<context>
    <name>WelcomePage</name>
    <message>
        <source>Ckpt Studio</source>
        <translation>Ckpt Studio</translation>
    </message>
    <message>
        <source>Look into PyTorch checkpoints, repair their names and shapes, save the result.</source>
        <translation>查看 PyTorch 检查点，修复其中的名称和形状，并保存结果。</translation>
    </message>
    <message>
        <source>Opening a file never runs code from it. Nothing is written until you export or save.</source>
        <translation>打开文件时绝不会运行其中的代码。在您导出或保存之前，不会写入任何内容。</translation>
    </message>
    <message>
        <source>Drop a checkpoint here</source>
        <translation>把检查点拖放到这里</translation>
    </message>
    <message>
        <source>.pth  ·  .pt  ·  .ckpt  ·  .bin  ·  .safetensors  ·  .tar  ·  and most others</source>
        <translation>.pth  ·  .pt  ·  .ckpt  ·  .bin  ·  .safetensors  ·  .tar  ·  以及大多数其他格式</translation>
    </message>
    <message>
        <source>Open a file…</source>
        <translation>打开文件…</translation>
    </message>
    <message>
        <source>Try the sample</source>
        <translation>试用示例</translation>
    </message>
    <message>
        <source>Take the tour</source>
        <translation>新手导览</translation>
    </message>
    <message>
        <source>Recent files</source>
        <translation>最近的文件</translation>
    </message>
</context>
<context>
    <name>WorkRow</name>
    <message>
        <source>Progress of saving</source>
        <translation>保存进度</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>停止</translation>
    </message>
</context>
<context>
    <name>_FindingsView</name>
    <message>
        <source>Findings</source>
        <translation>发现的情况</translation>
    </message>
</context>
<context>
    <name>_Gigabytes</name>
    <message>
        <source> GB</source>
        <translation> GB</translation>
    </message>
</context>
<context>
    <name>_OrderList</name>
    <message>
        <source>Tensors in order</source>
        <translation>张量的顺序</translation>
    </message>
</context>
<context>
    <name>_Pages</name>
    <message>
        <source>First row shown</source>
        <translation>显示的第一行</translation>
    </message>
    <message>
        <source>A million rows from row</source>
        <translation>从该行起的一百万行</translation>
    </message>
</context>
<context>
    <name>_RowDelegate</name>
    <message>
        <source>New name</source>
        <translation>新名称</translation>
    </message>
</context>
<context>
    <name>messages</name>
    <message>
        <source>… and {count} more</source>
        <translation>… 还有 {count} 个</translation>
    </message>
    <message>
        <source>{reason} (see ckpt-studio {verb} --help)</source>
        <translation>{reason}（参见 ckpt-studio {verb} --help）</translation>
    </message>
    <message>
        <source>There is no option {option}. See ckpt-studio --help.</source>
        <translation>没有选项 {option}。请参见 ckpt-studio --help。</translation>
    </message>
    <message>
        <source>“{verb}” is neither a file nor something that ckpt-studio does ({verbs}). See ckpt-studio --help.</source>
        <translation>“{verb}”既不是文件，也不是 ckpt-studio 的命令（{verbs}）。请参见 ckpt-studio --help。</translation>
    </message>
    <message>
        <source>there is no display (DISPLAY and WAYLAND_DISPLAY are not set)</source>
        <translation>没有显示器（未设置 DISPLAY 和 WAYLAND_DISPLAY）</translation>
    </message>
    <message>
        <source>The window cannot be opened: {reason}. The other verbs work without it; see ckpt-studio --help.</source>
        <translation>无法打开窗口：{reason}。其他命令不需要窗口，请参见 ckpt-studio --help。</translation>
    </message>
    <message>
        <source>And {count} more.</source>
        <translation>还有 {count} 个。</translation>
    </message>
    <message>
        <source>Nothing was changed, for {count} reasons: {problems}</source>
        <translation>由于 {count} 个原因，没有做任何更改：{problems}</translation>
    </message>
    <message>
        <source>There is not enough memory for this.</source>
        <translation>内存不足，无法完成。</translation>
    </message>
    <message>
        <source>The system says: {reason} {path}</source>
        <translation>系统提示：{reason} {path}</translation>
    </message>
    <message>
        <source>This is a mistake in Ckpt Studio ({kind}). Please report it with the file {log}.</source>
        <translation>这是 Ckpt Studio 的错误（{kind}）。请附上文件 {log} 报告给我们。</translation>
    </message>
    <message>
        <source>The recipe takes fresh values from {reference}, and for that its code has to run. Add --with &quot;{reference}&quot; if you trust it.</source>
        <translation>此配方要从 {reference} 取得新的初始值，为此必须运行它的代码。如果您信任它，请加上 --with &quot;{reference}&quot;。</translation>
    </message>
    <message>
        <source>{option} needs a model: add --with REF.</source>
        <translation>{option} 需要模型：请加上 --with REF。</translation>
    </message>
    <message>
        <source>--regex needs PATTERN=&gt;REPLACEMENT, and “{value}” has no “=&gt;”.</source>
        <translation>--regex 需要 PATTERN=&gt;REPLACEMENT，而“{value}”中没有“=&gt;”。</translation>
    </message>
    <message>
        <source>--rename needs OLD=NEW, and “{value}” has no “=”.</source>
        <translation>--rename 需要 OLD=NEW，而“{value}”中没有“=”。</translation>
    </message>
    <message>
        <source>Only safetensors holds metadata. Leave --metadata out, or write safetensors.</source>
        <translation>只有 safetensors 可以包含元数据。请去掉 --metadata，或改写 safetensors。</translation>
    </message>
    <message>
        <source>The recipe “{path}” cannot be read: {reason}.</source>
        <translation>无法读取配方“{path}”：{reason}。</translation>
    </message>
    <message>
        <source>The recipe “{path}” cannot be written: {reason}.</source>
        <translation>无法写入配方“{path}”：{reason}。</translation>
    </message>
    <message>
        <source>{count} tensors made of parts, “{first}” first, are not converted and stay as they are.</source>
        <translation>{count} 个由多个部分组成的张量（第一个是“{first}”）不会被转换，保持原样。</translation>
    </message>
    <message>
        <source>1 tensor made of parts, “{first}”, is not converted and stays as it is.</source>
        <translation>1 个由多个部分组成的张量（“{first}”）不会被转换，保持原样。</translation>
    </message>
    <message>
        <source>“{first}” and “{second}” were one tensor under two names and are two now ({count} such pairs): what is done to one name is not done to the other.</source>
        <translation>“{first}”和“{second}”原是同一张量的两个名称，现在成为两个张量（共 {count} 对）：对其中一个名称所做的修改不会作用于另一个。</translation>
    </message>
    <message>
        <source>{count} of {total} mapped tensors are unsure; “ckpt-studio align” shows them.</source>
        <translation>{total} 个已匹配的张量中有 {count} 个没有把握；“ckpt-studio align”会列出它们。</translation>
    </message>
    <message>
        <source>Not in the file; filled by BatchNorm itself when it loads.</source>
        <translation>不在文件中；加载时由 BatchNorm 自行填补。</translation>
    </message>
    <message>
        <source>A vector with one element fills the model&apos;s single number.</source>
        <translation>只有一个元素的向量会填入模型的标量。</translation>
    </message>
    <message>
        <source>The model&apos;s own loading code renames this old name.</source>
        <translation>模型自己的加载代码会更改这个旧名称。</translation>
    </message>
    <message>
        <source>Missing but forgiven: {count} × num_batches_tracked, filled by BatchNorm itself.</source>
        <translation>缺失但无妨：{count} 个 num_batches_tracked，由 BatchNorm 自行填补。</translation>
    </message>
    <message>
        <source>Renamed by the model&apos;s own loading code: 1 tensor.</source>
        <translation>由模型自己的加载代码改名：1 个张量。</translation>
    </message>
    <message>
        <source>Renamed by the model&apos;s own loading code: {count} tensors.</source>
        <translation>由模型自己的加载代码改名：{count} 个张量。</translation>
    </message>
    <message>
        <source>Vectors with one element that fill a single number: {count}.</source>
        <translation>填入标量的单元素向量：{count} 个。</translation>
    </message>
    <message>
        <source>Ignored by the model without an error, because that part of it is switched off: {count} tensors.</source>
        <translation>被模型忽略，但不报错，因为模型的这一部分已关闭：{count} 个张量。</translation>
    </message>
    <message>
        <source>Ignored by the model without an error, because that part of it is switched off: 1 tensor.</source>
        <translation>模型不报错而忽略，因为它的这一部分已关闭：1 个张量。</translation>
    </message>
    <message>
        <source>Another dtype: 1 tensor is {has} in the file and becomes {wants} when the model loads it.</source>
        <translation>数据类型不同：1 个张量在文件中是 {has}，模型加载时会变为 {wants}。</translation>
    </message>
    <message>
        <source>Another dtype: {count} tensors are {has} in the file and become {wants} when the model loads them.</source>
        <translation>数据类型不同：{count} 个张量在文件中是 {has}，模型加载时会变为 {wants}。</translation>
    </message>
    <message>
        <source>Not in the file under any name; the model&apos;s own loading code makes it.</source>
        <translation>文件中没有这个张量，别的名称也没有；由模型自己的加载代码生成。</translation>
    </message>
    <message>
        <source>The model&apos;s own loading code accepts this without an error.</source>
        <translation>模型自己的加载代码会接受，不会报错。</translation>
    </message>
    <message>
        <source>Used or dropped by the model&apos;s own loading code under another name: 1 tensor.</source>
        <translation>以其他名称被模型自己的加载代码使用或丢弃：1 个张量。</translation>
    </message>
    <message>
        <source>Used or dropped by the model&apos;s own loading code under other names: {count} tensors.</source>
        <translation>以其他名称被模型自己的加载代码使用或丢弃：{count} 个张量。</translation>
    </message>
    <message>
        <source>Judged without PyTorch, although {classes} load in a way of their own. Choose a Python with PyTorch to be sure.</source>
        <translation>这是不借助 PyTorch 得出的结论，而 {classes} 有自己的加载方式。要确定结果，请选择装有 PyTorch 的 Python。</translation>
    </message>
    <message>
        <source>All {matched} tensors fit.</source>
        <translation>全部 {matched} 个张量都符合。</translation>
    </message>
    <message>
        <source>{matched} of {total} tensors fit; {count} are not in the file (“{example}” …).</source>
        <translation>{total} 个张量中有 {matched} 个符合；{count} 个不在文件中（“{example}”等）。</translation>
    </message>
    <message>
        <source>{matched} of {total} tensors fit; 1 is not in the file (“{example}”).</source>
        <translation>{total} 个张量中有 {matched} 个符合；1 个不在文件中（“{example}”）。</translation>
    </message>
    <message>
        <source>{matched} of {total} tensors fit; {count} have another shape (“{example}” …).</source>
        <translation>{total} 个张量中有 {matched} 个符合；{count} 个形状不同（“{example}”等）。</translation>
    </message>
    <message>
        <source>{matched} of {total} tensors fit; 1 has another shape (“{example}”).</source>
        <translation>{total} 个张量中有 {matched} 个符合；1 个形状不同（“{example}”）。</translation>
    </message>
    <message>
        <source>{matched} of {total} tensors fit; {count} more are in the file (“{example}” …).</source>
        <translation>{total} 个张量中有 {matched} 个符合；文件中还多出 {count} 个（“{example}”等）。</translation>
    </message>
    <message>
        <source>{matched} of {total} tensors fit; 1 more is in the file (“{example}”).</source>
        <translation>{total} 个张量中有 {matched} 个符合；文件中还多出 1 个（“{example}”）。</translation>
    </message>
    <message>
        <source>Other names, but the same network: {matched} of {total} tensors fit once the names are mapped.</source>
        <translation>名称不同，但网络相同：对应名称之后，{total} 个张量中有 {matched} 个符合。</translation>
    </message>
    <message>
        <source>1 tensor: the name is equal already.</source>
        <translation>1 个张量：名称原本就相同。</translation>
    </message>
    <message>
        <source>1 tensor: the only one of its shape on both sides.</source>
        <translation>1 个张量：两边都只有它是这种形状。</translation>
    </message>
    <message>
        <source>1 tensor: equal shapes and alike names, block by block.</source>
        <translation>1 个张量：逐块比较，形状相同且名称相似。</translation>
    </message>
    <message>
        <source>1 tensor: equal shapes at the same places of blocks that correspond.</source>
        <translation>1 个张量：形状相同，且位于对应块中的相同位置。</translation>
    </message>
    <message>
        <source>1 tensor: equal shapes, but other pairs are nearly as likely; please look.</source>
        <translation>1 个张量：形状相同，但别的配对也几乎同样可能；请您检查。</translation>
    </message>
    <message>
        <source>1 matrix: inputs and outputs change places (transposed), as this model keeps it.</source>
        <translation>1 个矩阵：输入与输出互换（转置），与该模型的存放方式一致。</translation>
    </message>
    <message>
        <source>{count} tensors: the names are equal already.</source>
        <translation>{count} 个张量：名称原本就相同。</translation>
    </message>
    <message>
        <source>{count} tensors: the only ones of their shapes on both sides.</source>
        <translation>{count} 个张量：两边都只有它们是这种形状。</translation>
    </message>
    <message>
        <source>{count} tensors: equal shapes and alike names, block by block.</source>
        <translation>{count} 个张量：逐块比较，形状相同且名称相似。</translation>
    </message>
    <message>
        <source>{count} tensors: equal shapes at the same places of blocks that correspond.</source>
        <translation>{count} 个张量：形状相同，且位于对应块中的相同位置。</translation>
    </message>
    <message>
        <source>{count} tensors: equal shapes, but other pairs are nearly as likely; please look.</source>
        <translation>{count} 个张量：形状相同，但别的配对也几乎同样可能；请您检查。</translation>
    </message>
    <message>
        <source>{count} matrices: inputs and outputs change places (transposed), as this model keeps them.</source>
        <translation>{count} 个矩阵：输入与输出互换（转置），与该模型的存放方式一致。</translation>
    </message>
    <message>
        <source>{count} matrices: probably to be transposed, but their shapes do not tell; please look.</source>
        <translation>{count} 个矩阵：很可能需要转置，但形状无法说明；请核对。</translation>
    </message>
    <message>
        <source>{count} tensors: each is a part of a fused one, which is split.</source>
        <translation>{count} 个张量：每个都是某个融合张量的一部分，该融合张量将被拆分。</translation>
    </message>
    <message>
        <source>{count} tensors: each would be a part of a fused one, if its rows stand part after part; some models mix them head by head. Please look.</source>
        <translation>{count} 个张量：若融合张量的行按部分依次排列，每个便是其中一部分；有些模型按注意力头交错排列。请核对。</translation>
    </message>
    <message>
        <source>{count} tensors: the parts are joined, for this model keeps them fused.</source>
        <translation>{count} 个张量：各部分将拼接起来，因为该模型以融合形式存放。</translation>
    </message>
    <message>
        <source>{count} tensors: the parts would be joined one after another; some models mix their rows head by head. Please look.</source>
        <translation>{count} 个张量：各部分将依次拼接；有些模型按注意力头交错排列各行。请核对。</translation>
    </message>
    <message>
        <source>Strip the prefix “{prefix}”: {matched} of {total} tensors then match</source>
        <translation>去除前缀“{prefix}”：之后 {total} 个张量中有 {matched} 个匹配</translation>
    </message>
    <message>
        <source>Strip “{prefix}” wherever it stands in a name: {matched} of {total} tensors then match</source>
        <translation>去除名称中任何位置的“{prefix}”：之后 {total} 个张量中有 {matched} 个匹配</translation>
    </message>
    <message>
        <source>Add the prefix “{prefix}”, as the model has it: {matched} of {total} tensors then match</source>
        <translation>像模型那样添加前缀“{prefix}”：之后 {total} 个张量中有 {matched} 个匹配</translation>
    </message>
    <message>
        <source>Add the prefix “{prefix}” to 1 tensor, as the model has it: {matched} of {total} then match</source>
        <translation>像模型那样给 1 个张量添加前缀“{prefix}”：之后 {total} 个中有 {matched} 个匹配</translation>
    </message>
    <message>
        <source>Add the prefix “{prefix}” to {count} tensors, as the model has it: {matched} of {total} then match</source>
        <translation>像模型那样给 {count} 个张量添加前缀“{prefix}”：之后 {total} 个中有 {matched} 个匹配</translation>
    </message>
    <message>
        <source>Rename the group “{old}” to “{new}”: {matched} of {total} tensors then match</source>
        <translation>把分组“{old}”重命名为“{new}”：之后 {total} 个张量中有 {matched} 个匹配</translation>
    </message>
    <message>
        <source>Rename “{old}” to “{new}”, which has the same shape: {matched} of {total} tensors then match</source>
        <translation>把“{old}”重命名为形状相同的“{new}”：之后 {total} 个张量中有 {matched} 个匹配</translation>
    </message>
    <message>
        <source>Rename {count} tensors to missing names of the same shapes (“{old}” → “{new}” …): {matched} of {total} tensors then match</source>
        <translation>把 {count} 个张量重命名为形状相同的缺失名称（“{old}” → “{new}”等）：之后 {total} 个张量中有 {matched} 个匹配</translation>
    </message>
    <message>
        <source>Rename 1 tensor to a missing name of the same shape (“{old}” → “{new}”): {matched} of {total} tensors then match</source>
        <translation>把 1 个张量重命名为形状相同的缺失名称（“{old}” → “{new}”）：之后 {total} 个张量中有 {matched} 个匹配</translation>
    </message>
    <message>
        <source>Rename like “{old}” → “{new}”, by pattern: {matched} of {total} tensors then match</source>
        <translation>按“{old}” → “{new}”的模式重命名：之后 {total} 个张量中有 {matched} 个匹配</translation>
    </message>
    <message>
        <source>Use today&apos;s names for {words}: {matched} of {total} tensors then match</source>
        <translation>为 {words} 改用现在的名称：之后 {total} 个张量中有 {matched} 个匹配</translation>
    </message>
    <message>
        <source>Pop “{example}”, which the model does not have: {matched} of {total} match</source>
        <translation>移除模型没有的“{example}”：之后 {total} 个中有 {matched} 个匹配</translation>
    </message>
    <message>
        <source>Pop {count} tensors the model does not have (“{example}” …): {matched} of {total} match</source>
        <translation>移除模型没有的 {count} 个张量（“{example}”等）：之后 {total} 个中有 {matched} 个匹配</translation>
    </message>
    <message>
        <source>Pop “{example}”, which has another size, so that the model keeps its own: {matched} of {total} match</source>
        <translation>移除尺寸不匹配的“{example}”，让模型保留自己的值：之后 {total} 个中有 {matched} 个匹配</translation>
    </message>
    <message>
        <source>Pop the {count} tensors of another size (“{example}” …), so that the model keeps its own: {matched} of {total} match</source>
        <translation>移除尺寸不匹配的 {count} 个张量（“{example}”等），让模型保留自己的值：之后 {total} 个中有 {matched} 个匹配</translation>
    </message>
    <message>
        <source>The numbers stay as they are; only axes of size 1 come or go.</source>
        <translation>数值保持不变，只增减大小为 1 的轴。</translation>
    </message>
    <message>
        <source>Keep the first {count} rows. Right when the classes are the same and in the same order; train the head anew otherwise.</source>
        <translation>保留前 {count} 行。如果类别相同且顺序一致，这样做是对的；否则请重新训练分类头。</translation>
    </message>
    <message>
        <source>Keep the first row. Right when it is the class of the model; train the head anew otherwise.</source>
        <translation>保留第一行。如果它就是模型的类别，这样做是对的；否则请重新训练分类头。</translation>
    </message>
    <message>
        <source>Keep all rows and add {count} new ones, each the average of the old: a neutral start for further training.</source>
        <translation>保留所有行，并增加 {count} 个新行，每一行都是原有各行的平均值：适合作为继续训练的中性起点。</translation>
    </message>
    <message>
        <source>Keep all rows and add 1 new one, the average of the old: a neutral start for further training.</source>
        <translation>保留所有行，并增加 1 个新行，取原有各行的平均值：适合作为继续训练的中性起点。</translation>
    </message>
    <message>
        <source>Keep all rows and add {count} of zeros: the new classes begin without any opinion.</source>
        <translation>保留所有行，并增加 {count} 个全零行：新类别一开始没有任何倾向。</translation>
    </message>
    <message>
        <source>Keep all rows and add 1 of zeros: the new class begins without any opinion.</source>
        <translation>保留所有行，并增加 1 个全零行：新类别一开始没有任何倾向。</translation>
    </message>
    <message>
        <source>Add the {old} input channels up: a grey picture gets the answer it got as a coloured one.</source>
        <translation>把 {old} 个输入通道相加：灰度图像会得到与彩色图像相同的结果。</translation>
    </message>
    <message>
        <source>Average the {old} input channels: right when the input is scaled up by {old} elsewhere.</source>
        <translation>对 {old} 个输入通道取平均：如果输入在别处放大了 {old} 倍，这样做是对的。</translation>
    </message>
    <message>
        <source>Repeat the {old} input channels in turn until there are {new}, scaled so that the response keeps its size.</source>
        <translation>依次重复 {old} 个输入通道，直到有 {new} 个，并加以缩放，使响应的大小保持不变。</translation>
    </message>
    <message>
        <source>Keep the channels and add {count}, each the average of the old ones.</source>
        <translation>保留原有通道，并增加 {count} 个，每一个都是原有通道的平均值。</translation>
    </message>
    <message>
        <source>Keep the channels and add 1, the average of the old ones.</source>
        <translation>保留原有通道，并增加 1 个，取原有通道的平均值。</translation>
    </message>
    <message>
        <source>Keep the channels and add {count} of zeros: the network begins by ignoring the new inputs.</source>
        <translation>保留原有通道，并增加 {count} 个全零通道：网络一开始会忽略新的输入。</translation>
    </message>
    <message>
        <source>Keep the channels and add 1 of zeros: the network begins by ignoring the new input.</source>
        <translation>保留原有通道，并增加 1 个全零通道：网络一开始会忽略新的输入。</translation>
    </message>
    <message>
        <source>Resample the positions from {old}×{old} to {new}×{new} ({mode}), as is usual for another picture size; a short fine-tuning helps.</source>
        <translation>把位置编码从 {old}×{old} 重采样为 {new}×{new}（{mode}），这是更换图像尺寸时的常用做法；之后稍加微调会更好。</translation>
    </message>
    <message>
        <source>No way is known to fit “{name}”; it stays as it is.</source>
        <translation>没有已知的办法让“{name}”符合要求；它保持不变。</translation>
    </message>
    <message>
        <source>The tensor in “{name}” is of a kind ({what}) whose values are not one plain block of numbers.</source>
        <translation>“{name}”中的张量属于特殊类型（{what}），它的值不是一整块普通数值。</translation>
    </message>
    <message>
        <source>A tensor needs {wanted} bytes of the storage “{name}”, which holds only {held}. The file is damaged.</source>
        <translation>某个张量需要存储块“{name}”中的 {wanted} 字节，而其中只有 {held} 字节。文件已损坏。</translation>
    </message>
    <message>
        <source>Nothing was changed, for {count} reasons. The first: {first}</source>
        <translation>由于 {count} 个原因，没有做任何更改。第一个原因：{first}</translation>
    </message>
    <message>
        <source>There is no tensor “{name}” in the state dict.</source>
        <translation>状态字典中没有张量“{name}”。</translation>
    </message>
    <message>
        <source>No name begins with “{name}.”, so there is no such group to rename.</source>
        <translation>没有以“{name}.”开头的名称，所以没有可以重命名的分组。</translation>
    </message>
    <message>
        <source>“{name}” would be left without a name.</source>
        <translation>“{name}”会变得没有名称。</translation>
    </message>
    <message>
        <source>“{first}” and “{second}” would both be called “{name}”.</source>
        <translation>“{first}”和“{second}”会同名，都叫“{name}”。</translation>
    </message>
    <message>
        <source>No name would change.</source>
        <translation>没有名称会改变。</translation>
    </message>
    <message>
        <source>“{name}” is to be renamed twice at once.</source>
        <translation>“{name}”同时被重命名了两次。</translation>
    </message>
    <message>
        <source>The prefix is empty. Type the text to strip or to add, such as “module.”.</source>
        <translation>前缀为空。请输入要去除或添加的文字，例如“module.”。</translation>
    </message>
    <message>
        <source>No name has the prefix “{prefix}”.</source>
        <translation>没有名称带有前缀“{prefix}”。</translation>
    </message>
    <message>
        <source>The pattern “{pattern}” is not a valid regular expression: {reason}.</source>
        <translation>“{pattern}”不是有效的正则表达式：{reason}。</translation>
    </message>
    <message>
        <source>The pattern “{pattern}” was stopped: it was still matching after {seconds} seconds. Nested repeats such as “(a+)+” cause this; write it without them.</source>
        <translation>模式“{pattern}”已被中止：运行了 {seconds} 秒仍未匹配完。这是由“(a+)+”之类的嵌套重复引起的，请改写以避免这种写法。</translation>
    </message>
    <message>
        <source>The pattern “{pattern}” changes no name.</source>
        <translation>模式“{pattern}”不会改变任何名称。</translation>
    </message>
    <message>
        <source>The pattern is empty. Type the part of the names to look for.</source>
        <translation>模式为空。请输入名称中要查找的部分。</translation>
    </message>
    <message>
        <source>“{text}” is no placeholder. Write a word in braces, such as {{n}} for a number.</source>
        <translation>“{text}”不是占位符。请在花括号中写一个词，例如用 {{n}} 代表数字。</translation>
    </message>
    <message>
        <source>{placeholder} does not occur in “{pattern}”.</source>
        <translation>“{pattern}”中没有 {placeholder}。</translation>
    </message>
    <message>
        <source>“{replacement}” would count {number} below zero. Add to it, or begin with a higher number.</source>
        <translation>“{replacement}”会把 {number} 减到零以下。请改为加，或从更大的数开始。</translation>
    </message>
    <message>
        <source>The new name has more “*” than “{pattern}” has.</source>
        <translation>新名称中的“*”比“{pattern}”中的多。</translation>
    </message>
    <message>
        <source>No name matches “{glob}”. The pattern must match the whole name; “*” stands for any text, dots included.</source>
        <translation>没有名称符合“{glob}”。模式必须与整个名称相符；“*”代表任意文字，可以包含点。</translation>
    </message>
    <message>
        <source>Nothing would be removed.</source>
        <translation>不会移除任何内容。</translation>
    </message>
    <message>
        <source>No tensor would be left in the state dict.</source>
        <translation>状态字典中会一个张量也不剩。</translation>
    </message>
    <message>
        <source>“{dtype}” is not a dtype of PyTorch. Known: {known}.</source>
        <translation>“{dtype}”不是 PyTorch 的数据类型。可用的有：{known}。</translation>
    </message>
    <message>
        <source>Tensors cannot be converted to {dtype}.</source>
        <translation>张量无法转换为 {dtype}。</translation>
    </message>
    <message>
        <source>No tensor would change: all that can become {dtype} already are.</source>
        <translation>没有张量会改变：凡是能转换为 {dtype} 的都已经是这种类型。</translation>
    </message>
    <message>
        <source>“{name}”: {count} values are too large for {dtype} and would become infinite (largest: {largest}).</source>
        <translation>“{name}”：{count} 个值对 {dtype} 来说太大，会变成无穷大（最大：{largest}）。</translation>
    </message>
    <message>
        <source>“{name}”: 1 value is too large for {dtype} and would become infinite ({largest}).</source>
        <translation>“{name}”：1 个值对 {dtype} 来说太大，会变成无穷大（{largest}）。</translation>
    </message>
    <message>
        <source>“{name}”: {count} values are too large for {dtype} and would be cut to its limit (largest: {largest}).</source>
        <translation>“{name}”：{count} 个值对 {dtype} 来说太大，会被截到它的上限（最大：{largest}）。</translation>
    </message>
    <message>
        <source>“{name}”: 1 value is too large for {dtype} and would be cut to its limit ({largest}).</source>
        <translation>“{name}”：1 个值对 {dtype} 来说太大，会被截到它的上限（{largest}）。</translation>
    </message>
    <message>
        <source>“{device}” is not a device that PyTorch records. Write “cpu”, “cuda:0”, “mps” or the like.</source>
        <translation>“{device}”不是 PyTorch 会记录的设备。请写“cpu”、“cuda:0”、“mps”等。</translation>
    </message>
    <message>
        <source>Every tensor is recorded on “{device}” already.</source>
        <translation>所有张量记录的设备都已经是“{device}”。</translation>
    </message>
    <message>
        <source>There is no metadata entry “{key}”.</source>
        <translation>没有元数据项“{key}”。</translation>
    </message>
    <message>
        <source>The metadata entry “{key}” has that value already.</source>
        <translation>元数据项“{key}”已经是这个值。</translation>
    </message>
    <message>
        <source>The file holds nothing at “{path}”.</source>
        <translation>文件的“{path}”处没有内容。</translation>
    </message>
    <message>
        <source>“{path}” belongs to the weights; remove it as a tensor.</source>
        <translation>“{path}”属于权重，请作为张量移除。</translation>
    </message>
    <message>
        <source>“{path}” holds the state dict that is being edited (“{active}”); choose another one first.</source>
        <translation>“{path}”包含正在编辑的状态字典（“{active}”），请先选择另一个。</translation>
    </message>
    <message>
        <source>This is not a recipe that can be applied: {reason}.</source>
        <translation>这不是可以应用的配方：{reason}。</translation>
    </message>
    <message>
        <source>not a Ckpt Studio recipe, or one of a newer version</source>
        <translation>不是 Ckpt Studio 配方，或来自更新的版本</translation>
    </message>
    <message>
        <source>not an edit: {text}</source>
        <translation>不是更改：{text}</translation>
    </message>
    <message>
        <source>unknown edit “{kind}”</source>
        <translation>未知的更改“{kind}”</translation>
    </message>
    <message>
        <source>Rename “{old}” to “{new}”</source>
        <translation>把“{old}”重命名为“{new}”</translation>
    </message>
    <message>
        <source>Rename the group “{old}” to “{new}”</source>
        <translation>把分组“{old}”重命名为“{new}”</translation>
    </message>
    <message>
        <source>Move the group “{old}” to the root</source>
        <translation>把分组“{old}”移到最上层</translation>
    </message>
    <message>
        <source>Rename 1 tensor</source>
        <translation>重命名 1 个张量</translation>
    </message>
    <message>
        <source>Rename {count} tensors</source>
        <translation>重命名 {count} 个张量</translation>
    </message>
    <message>
        <source>Strip the prefix “{prefix}”</source>
        <translation>去除前缀“{prefix}”</translation>
    </message>
    <message>
        <source>Strip “{prefix}” wherever it occurs</source>
        <translation>去除所有位置的“{prefix}”</translation>
    </message>
    <message>
        <source>Add the prefix “{prefix}”</source>
        <translation>添加前缀“{prefix}”</translation>
    </message>
    <message>
        <source>Add the prefix “{prefix}” to 1 tensor</source>
        <translation>给 1 个张量添加前缀“{prefix}”</translation>
    </message>
    <message>
        <source>Add the prefix “{prefix}” to {count} tensors</source>
        <translation>给 {count} 个张量添加前缀“{prefix}”</translation>
    </message>
    <message>
        <source>Replace the pattern “{pattern}” by “{replacement}”</source>
        <translation>把模式“{pattern}”替换为“{replacement}”</translation>
    </message>
    <message>
        <source>Rename all like “{old}” to “{new}”</source>
        <translation>把“{old}”一类的名称都改为“{new}”</translation>
    </message>
    <message>
        <source>Rename “{pattern}” to “{replacement}”</source>
        <translation>把“{pattern}”重命名为“{replacement}”</translation>
    </message>
    <message>
        <source>Take “{pattern}” out of the names</source>
        <translation>从名称中去掉“{pattern}”</translation>
    </message>
    <message>
        <source>Pop “{name}”</source>
        <translation>移除“{name}”</translation>
    </message>
    <message>
        <source>Pop {count} tensors</source>
        <translation>移除 {count} 个张量</translation>
    </message>
    <message>
        <source>Pop tensors matching “{glob}”</source>
        <translation>移除符合“{glob}”的张量</translation>
    </message>
    <message>
        <source>Keep only tensors matching “{glob}”</source>
        <translation>只保留符合“{glob}”的张量</translation>
    </message>
    <message>
        <source>Keep only 1 tensor</source>
        <translation>只保留 1 个张量</translation>
    </message>
    <message>
        <source>Keep only {count} tensors</source>
        <translation>只保留 {count} 个张量</translation>
    </message>
    <message>
        <source>Convert to {dtype}</source>
        <translation>转换为 {dtype}</translation>
    </message>
    <message>
        <source>Convert tensors matching “{glob}” to {dtype}</source>
        <translation>把符合“{glob}”的张量转换为 {dtype}</translation>
    </message>
    <message>
        <source>Convert 1 tensor to {dtype}</source>
        <translation>把 1 个张量转换为 {dtype}</translation>
    </message>
    <message>
        <source>Convert {count} tensors to {dtype}</source>
        <translation>把 {count} 个张量转换为 {dtype}</translation>
    </message>
    <message>
        <source>Record “{device}” as the device</source>
        <translation>把记录的设备改为“{device}”</translation>
    </message>
    <message>
        <source>Record “{device}” as the device of 1 tensor</source>
        <translation>把 1 个张量记录的设备改为“{device}”</translation>
    </message>
    <message>
        <source>Record “{device}” as the device of {count} tensors</source>
        <translation>把 {count} 个张量记录的设备改为“{device}”</translation>
    </message>
    <message>
        <source>Set the metadata “{key}” to “{value}”</source>
        <translation>把元数据“{key}”设为“{value}”</translation>
    </message>
    <message>
        <source>Remove the metadata “{key}”</source>
        <translation>移除元数据“{key}”</translation>
    </message>
    <message>
        <source>Leave out “{path}”</source>
        <translation>略去“{path}”</translation>
    </message>
    <message>
        <source>Set “{path}” to {value}</source>
        <translation>把“{path}”设为 {value}</translation>
    </message>
    <message>
        <source>Work on the state dict “{path}”</source>
        <translation>编辑状态字典“{path}”</translation>
    </message>
    <message>
        <source>There is no other state dict “{path}” in the file.</source>
        <translation>文件中没有另一个状态字典“{path}”。</translation>
    </message>
    <message>
        <source>Rename the last parts {words}</source>
        <translation>重命名末尾部分 {words}</translation>
    </message>
    <message>
        <source>Use the values of “{path}” as the weights</source>
        <translation>用“{path}”的值作为权重</translation>
    </message>
    <message>
        <source>Use the averages under “{prefix}” as the weights</source>
        <translation>用“{prefix}”下的平均值作为权重</translation>
    </message>
    <message>
        <source>Leave out {paths}</source>
        <translation>略去 {paths}</translation>
    </message>
    <message>
        <source>Strip “{prefix}”</source>
        <translation>去除“{prefix}”</translation>
    </message>
    <message>
        <source>Strip “{prefix}” ({writer})</source>
        <translation>去除“{prefix}”（{writer}）</translation>
    </message>
    <message>
        <source>DenseNet of 2017: norm.1 → norm1, conv.1 → conv1</source>
        <translation>2017 年的 DenseNet：norm.1 → norm1，conv.1 → conv1</translation>
    </message>
    <message>
        <source>Old normalisation names: gamma → weight, beta → bias</source>
        <translation>旧的归一化层名称：gamma → weight，beta → bias</translation>
    </message>
    <message>
        <source>Use the averaged weights (EMA) of “{path}”</source>
        <translation>使用“{path}”的平均权重（EMA）</translation>
    </message>
    <message>
        <source>Use the averaged weights (EMA) under “{prefix}”</source>
        <translation>使用“{prefix}”下的平均权重（EMA）</translation>
    </message>
    <message>
        <source>Leave out the training state ({names})</source>
        <translation>略去训练状态（{names}）</translation>
    </message>
    <message>
        <source>There is a tensor “{name}” already.</source>
        <translation>已有名为“{name}”的张量。</translation>
    </message>
    <message>
        <source>There is nothing to take over.</source>
        <translation>没有可以取用的内容。</translation>
    </message>
    <message>
        <source>{shape} is no shape.</source>
        <translation>{shape} 不是有效的形状。</translation>
    </message>
    <message>
        <source>Add “{new}” as a second name of “{old}”</source>
        <translation>添加“{new}”，作为“{old}”的第二个名称</translation>
    </message>
    <message>
        <source>Add {count} second names of tensors that the model ties</source>
        <translation>为模型中共享的张量添加 {count} 个第二名称</translation>
    </message>
    <message>
        <source>Add 1 second name of a tensor that the model ties</source>
        <translation>为模型中共享的张量添加 1 个第二名称</translation>
    </message>
    <message>
        <source>Add “{name}” with the value {value}</source>
        <translation>添加“{name}”，值为 {value}</translation>
    </message>
    <message>
        <source>Add {count} tensors with the value {value}</source>
        <translation>添加 {count} 个张量，值为 {value}</translation>
    </message>
    <message>
        <source>Fill 1 missing tensor from the initialisation of {reference}, seed {seed}</source>
        <translation>用 {reference} 的初始值填补 1 个缺失的张量，种子为 {seed}</translation>
    </message>
    <message>
        <source>Fill {count} missing tensors from the initialisation of {reference}, seed {seed}</source>
        <translation>用 {reference} 的初始值填补 {count} 个缺失的张量，种子为 {seed}</translation>
    </message>
    <message>
        <source>Take over the tensors of “{path}”</source>
        <translation>取用“{path}”中的张量</translation>
    </message>
    <message>
        <source>Take over 1 tensor of “{path}”</source>
        <translation>取用“{path}”中的 1 个张量</translation>
    </message>
    <message>
        <source>Take over {count} tensors of “{path}”</source>
        <translation>取用“{path}”中的 {count} 个张量</translation>
    </message>
    <message>
        <source>Take over the tensors of “{path}” as they are after {edits} changes of their own</source>
        <translation>取用“{path}”经其自身 {edits} 处改动后的张量</translation>
    </message>
    <message>
        <source>Take over {count} tensors of “{path}” as they are after {edits} changes of their own</source>
        <translation>取用“{path}”经其自身 {edits} 处改动后的 {count} 个张量</translation>
    </message>
    <message>
        <source>Take over 1 tensor of “{path}” as it is after {edits} changes of its own</source>
        <translation>取用“{path}”经其自身 {edits} 处改动后的 1 个张量</translation>
    </message>
    <message>
        <source>“{name}” is quantised, sparse or otherwise no plain block of numbers; its shape cannot be edited.</source>
        <translation>“{name}”是量化、稀疏或其他特殊张量，不是一整块普通数值，无法改变形状。</translation>
    </message>
    <message>
        <source>“{value}” is not one of: {known}.</source>
        <translation>“{value}”不在可选范围内：{known}。</translation>
    </message>
    <message>
        <source>“{name}” has no rows to choose from.</source>
        <translation>“{name}”没有可供选择的行。</translation>
    </message>
    <message>
        <source>“{name}” has only {rows} rows (counted from 0; -1 means a new one).</source>
        <translation>“{name}”只有 {rows} 行（从 0 数起；-1 表示新的一行）。</translation>
    </message>
    <message>
        <source>The rows would stay as they are.</source>
        <translation>各行不会有任何变化。</translation>
    </message>
    <message>
        <source>Give “{name}” {count} of its own rows</source>
        <translation>保留“{name}”自己的 {count} 行</translation>
    </message>
    <message>
        <source>Give “{name}” 1 of its own rows</source>
        <translation>保留“{name}”自己的 1 行</translation>
    </message>
    <message>
        <source>Give “{name}” {count} rows, {fresh} of them new</source>
        <translation>把“{name}”变为 {count} 行，其中 {fresh} 行是新的</translation>
    </message>
    <message>
        <source>“{name}” is not the floating weight of a convolution: it has no axis of input channels.</source>
        <translation>“{name}”不是卷积层的浮点权重：它没有输入通道这个轴。</translation>
    </message>
    <message>
        <source>“{name}” has {old} input channels; “{how}” cannot make {new} of them.</source>
        <translation>“{name}”有 {old} 个输入通道；“{how}”无法把它们变为 {new} 个。</translation>
    </message>
    <message>
        <source>Let “{name}” take {channels} input channels ({how})</source>
        <translation>让“{name}”接受 {channels} 个输入通道（{how}）</translation>
    </message>
    <message>
        <source>The grid for “{name}” needs two sizes of at least 1.</source>
        <translation>“{name}”的网格需要两个不小于 1 的大小。</translation>
    </message>
    <message>
        <source>“{name}” has the shape {shape}, which is not a grid of {tokens} positions with these leading tokens.</source>
        <translation>“{name}”的形状是 {shape}，除去开头的 token 后，不是由 {tokens} 个位置组成的网格。</translation>
    </message>
    <message>
        <source>The grid of “{name}” would stay as it is.</source>
        <translation>“{name}”的网格不会有任何变化。</translation>
    </message>
    <message>
        <source>Resample “{name}” from {old} to {new} positions ({mode})</source>
        <translation>把“{name}”从 {old} 重采样为 {new} 个位置（{mode}）</translation>
    </message>
    <message>
        <source>“{name}” has the shape {old}; {new} has another number of elements.</source>
        <translation>“{name}”的形状是 {old}；{new} 的元素个数与它不同。</translation>
    </message>
    <message>
        <source>“{name}” has that shape already.</source>
        <translation>“{name}”已经是这个形状。</translation>
    </message>
    <message>
        <source>Reshape “{name}” to {shape}</source>
        <translation>把“{name}”的形状改为 {shape}</translation>
    </message>
    <message>
        <source>Map 1 tensor to the model&apos;s name</source>
        <translation>让 1 个张量改用模型的名称</translation>
    </message>
    <message>
        <source>Map {count} tensors to the model&apos;s names</source>
        <translation>让 {count} 个张量改用模型的名称</translation>
    </message>
    <message>
        <source>{first}; {more}</source>
        <translation>{first}；{more}</translation>
    </message>
    <message>
        <source>{count} are parts of fused ones</source>
        <translation>其中 {count} 个是融合张量的一部分</translation>
    </message>
    <message>
        <source>1 is a part of a fused one</source>
        <translation>其中 1 个是融合张量的一部分</translation>
    </message>
    <message>
        <source>{count} are joined from several</source>
        <translation>其中 {count} 个由多个张量拼接而成</translation>
    </message>
    <message>
        <source>1 is joined from several</source>
        <translation>其中 1 个由多个张量拼接而成</translation>
    </message>
    <message>
        <source>{count} are transposed</source>
        <translation>其中 {count} 个被转置</translation>
    </message>
    <message>
        <source>1 is transposed</source>
        <translation>其中 1 个被转置</translation>
    </message>
    <message>
        <source>{count} are reshaped</source>
        <translation>其中 {count} 个改变了形状</translation>
    </message>
    <message>
        <source>1 is reshaped</source>
        <translation>其中 1 个改变了形状</translation>
    </message>
    <message>
        <source>{count} whose names are needed are popped</source>
        <translation>移除 {count} 个占用所需名称的张量</translation>
    </message>
    <message>
        <source>1 whose name is needed is popped</source>
        <translation>移除 1 个占用所需名称的张量</translation>
    </message>
    <message>
        <source>“{source}” → “{target}”</source>
        <translation>“{source}” → “{target}”</translation>
    </message>
    <message>
        <source>Map names by the rule {first}</source>
        <translation>按规则 {first} 映射名称</translation>
    </message>
    <message>
        <source>Map names by {count} rules, from {first} to {last}</source>
        <translation>按 {count} 条规则映射名称，从 {first} 到 {last}</translation>
    </message>
    <message>
        <source>1 name for itself</source>
        <translation>另有 1 个单独的名称</translation>
    </message>
    <message>
        <source>{count} names for themselves</source>
        <translation>另有 {count} 个单独的名称</translation>
    </message>
    <message>
        <source>1 rule splits or joins</source>
        <translation>其中 1 条规则拆分或合并</translation>
    </message>
    <message>
        <source>{count} rules split or join</source>
        <translation>其中 {count} 条规则拆分或合并</translation>
    </message>
    <message>
        <source>The rule finds no tensor in this file.</source>
        <translation>该规则在此文件中找不到任何张量。</translation>
    </message>
    <message>
        <source>None of the {count} rules finds a tensor in this file.</source>
        <translation>这 {count} 条规则在此文件中都找不到张量。</translation>
    </message>
    <message>
        <source>The rule “{source}” → “{target}” finds no tensor here.</source>
        <translation>规则“{source}” → “{target}”在这里找不到张量。</translation>
    </message>
    <message>
        <source>The rule “{source}” → “{target}” leaves 1 tensor: a part is missing or the shape is another.</source>
        <translation>规则“{source}” → “{target}”略过了 1 个张量：缺少一部分，或形状不同。</translation>
    </message>
    <message>
        <source>The rule “{source}” → “{target}” leaves {count} tensors: parts are missing or the shapes are others.</source>
        <translation>规则“{source}” → “{target}”略过了 {count} 个张量：缺少一部分，或形状不同。</translation>
    </message>
    <message>
        <source>1 name of the mapping is not in this file: “{name}”.</source>
        <translation>映射中有 1 个名称不在此文件中：“{name}”。</translation>
    </message>
    <message>
        <source>{count} names of the mapping are not in this file, such as “{name}”.</source>
        <translation>映射中有 {count} 个名称不在此文件中，例如“{name}”。</translation>
    </message>
    <message>
        <source>“{text}” is no placeholder. Write {{n}} for a number, {{n+1}} for the next one, {{weight,bias}} for one of several words, and * for any text.</source>
        <translation>“{text}”不是占位符。用 {{n}} 表示一个数字，{{n+1}} 表示下一个数字，{{weight,bias}} 表示几个词中的一个，* 表示任意文本。</translation>
    </message>
    <message>
        <source>{placeholder} says nothing that “{pattern}” tells.</source>
        <translation>{placeholder} 无法从“{pattern}”得出。</translation>
    </message>
    <message>
        <source>{text} counts numbers that “{pattern}” does not begin with.</source>
        <translation>{text} 所数的编号不在“{pattern}”的开头。</translation>
    </message>
    <message>
        <source>“{text}” names no part of a tensor. Write [1/3] for the first of three, [0:64/128] for a stretch.</source>
        <translation>“{text}”没有指明张量的某一部分。用 [1/3] 表示三等份中的第一份，[0:64/128] 表示一段。</translation>
    </message>
    <message>
        <source>“{text}” is no change of axes. Write such as “a b -&gt; b a” (transpose) or “a b 1 1 -&gt; a b” (drop axes).</source>
        <translation>“{text}”不是对轴的变换。例如“a b -&gt; b a”（转置）或“a b 1 1 -&gt; a b”（去掉轴）。</translation>
    </message>
    <message>
        <source>“{name}” has no axis {axis}.</source>
        <translation>“{name}”没有轴 {axis}。</translation>
    </message>
    <message>
        <source>“{name}” has {size} entries along that axis, which the parts {sizes} do not make up.</source>
        <translation>“{name}”沿这个轴有 {size} 个元素，而各部分 {sizes} 之和与此不符。</translation>
    </message>
    <message>
        <source>Split “{name}” into {count} parts</source>
        <translation>把“{name}”拆分为 {count} 个部分</translation>
    </message>
    <message>
        <source>Choose at least two different tensors to join.</source>
        <translation>请选择至少两个不同的张量来合并。</translation>
    </message>
    <message>
        <source>“{name}” is {dtype}, the first one {first}; convert them first.</source>
        <translation>“{name}”是 {dtype}，而第一个是 {first}；请先转换类型。</translation>
    </message>
    <message>
        <source>“{name}” has the shape {shape}, which does not fit to {first} along that axis.</source>
        <translation>“{name}”的形状是 {shape}，沿这个轴无法与 {first} 合并。</translation>
    </message>
    <message>
        <source>Join {count} tensors into “{name}”</source>
        <translation>把 {count} 个张量合并为“{name}”</translation>
    </message>
    <message>
        <source>The folder “{folder}” does not exist, so “{path}” cannot be written. Create it first.</source>
        <translation>文件夹“{folder}”不存在，无法写入“{path}”。请先创建文件夹。</translation>
    </message>
    <message>
        <source>“{path}” is a folder; give the name of a file to write in it.</source>
        <translation>“{path}”是文件夹，请给出要在其中写入的文件名。</translation>
    </message>
    <message>
        <source>“{path}” is not an ordinary file and cannot be replaced.</source>
        <translation>“{path}”不是普通文件，无法替换。</translation>
    </message>
    <message>
        <source>“{path}” exists already. Choose another name, or replace it with --force.</source>
        <translation>“{path}”已存在。请换一个名称，或用 --force 替换它。</translation>
    </message>
    <message>
        <source>“{path}” exists already. Choose another name, or say that it is to be replaced.</source>
        <translation>“{path}”已存在。请另选一个名称，或指明要替换它。</translation>
    </message>
    <message>
        <source>This is too much to be dragged into another program ({size}, at most {most}). Use File → Save selected tensors instead.</source>
        <translation>内容太多，无法拖到其他程序（{size}，最多 {most}）。请改用“文件 → 保存选中的张量”。</translation>
    </message>
    <message>
        <source>None of these tensors has values to write: they are recorded without their bytes. Nothing was written.</source>
        <translation>这些张量都没有可写的值：文件中只有记录，没有数据。没有写入任何内容。</translation>
    </message>
    <message>
        <source>The name of “{path}” is too long for this disk. Choose a shorter one.</source>
        <translation>对这个磁盘来说，“{path}”的名称太长。请换一个短些的名称。</translation>
    </message>
    <message>
        <source>Writing “{path}” is not permitted: the folder “{folder}” is read-only for you. Choose another one.</source>
        <translation>没有写入“{path}”的权限：文件夹“{folder}”对您是只读的。请另选一个文件夹。</translation>
    </message>
    <message>
        <source>“{path}” is open in another program. Close it there, or choose another name.</source>
        <translation>“{path}”正在另一个程序中打开。请在那里将其关闭，或换一个名称。</translation>
    </message>
    <message>
        <source>The disk is full: “{path}” was not written, and what was there before is unchanged. Free some space or choose another disk.</source>
        <translation>磁盘已满：没有写入“{path}”，原有内容没有变化。请腾出空间，或另选一个磁盘。</translation>
    </message>
    <message>
        <source>“{path}” needs {needed:size}, but only {free:size} are free on that disk. Nothing was written.</source>
        <translation>“{path}”需要 {needed:size}，而该磁盘只剩 {free:size}。没有写入任何内容。</translation>
    </message>
    <message>
        <source>“{path}” would be larger than this disk allows for one file.</source>
        <translation>“{path}”会超过该磁盘允许的单个文件大小。</translation>
    </message>
    <message>
        <source>“{path}” could not be written ({reason}); what was there before is unchanged.</source>
        <translation>无法写入“{path}”（{reason}）；原有内容没有变化。</translation>
    </message>
    <message>
        <source>The name “{path}” does not say which format to write. End it in .pth or .safetensors, or choose a format.</source>
        <translation>从名称“{path}”看不出要写成哪种格式。请以 .pth 或 .safetensors 结尾，或选择一种格式。</translation>
    </message>
    <message>
        <source>There is no export format “{format}”; choose pth, pth-legacy or safetensors.</source>
        <translation>没有导出格式“{format}”；请选择 pth、pth-legacy 或 safetensors。</translation>
    </message>
    <message>
        <source>safetensors holds tensors only, not the whole checkpoint. Write a .pth file, or the state dict alone.</source>
        <translation>safetensors 只能包含张量，不能包含整个检查点。请写成 .pth 文件，或只写状态字典。</translation>
    </message>
    <message>
        <source>Only safetensors is written in shards. Leave the shard size out, or write safetensors.</source>
        <translation>只有 safetensors 可以写成分片。请不要指定分片大小，或改写 safetensors。</translation>
    </message>
    <message>
        <source>A shard size of {size} bytes is too small.</source>
        <translation>分片大小 {size} 字节太小。</translation>
    </message>
    <message>
        <source>safetensors cannot hold {count} of the tensors, for example “{first}”. Write a .pth file instead.</source>
        <translation>safetensors 无法容纳其中 {count} 个张量，例如“{first}”。请改写 .pth 文件。</translation>
    </message>
    <message>
        <source>safetensors cannot hold “{first}”. Write a .pth file instead.</source>
        <translation>safetensors 无法容纳“{first}”。请改写 .pth 文件。</translation>
    </message>
    <message>
        <source>“{name}” is {what}, which safetensors has no form for.</source>
        <translation>“{name}”是 {what}，safetensors 没有对应的形式。</translation>
    </message>
    <message>
        <source>“{name}” is a meta tensor: it has a shape but no values.</source>
        <translation>“{name}”是 meta 张量：只有形状，没有值。</translation>
    </message>
    <message>
        <source>safetensors reserves the name “{name}”; rename the tensor.</source>
        <translation>safetensors 保留了名称“{name}”；请重命名这个张量。</translation>
    </message>
    <message>
        <source>“{name}” contains half a character (a lone surrogate), which safetensors has no form for; rename the tensor.</source>
        <translation>“{name}”含有半个字符（孤立的代理码位），safetensors 没有对应的形式；请重命名这个张量。</translation>
    </message>
    <message>
        <source>The names and metadata need {size} bytes; safetensors allows {limit}. Write shards or a .pth file.</source>
        <translation>名称和元数据需要 {size} 字节，而 safetensors 只允许 {limit} 字节。请写成分片或 .pth 文件。</translation>
    </message>
    <message>
        <source>The format of torch before 1.6 cannot hold {count} of the tensors, for example “{first}”. Write an ordinary .pth file, or cast them first.</source>
        <translation>1.6 之前的 torch 格式无法容纳其中 {count} 个张量，例如“{first}”。请写成普通的 .pth 文件，或先转换类型。</translation>
    </message>
    <message>
        <source>The format of torch before 1.6 cannot hold “{first}”. Write an ordinary .pth file, or cast it first.</source>
        <translation>1.6 之前的 torch 格式无法容纳“{first}”。请写成普通的 .pth 文件，或先转换类型。</translation>
    </message>
    <message>
        <source>“{name}” is {dtype}, which torch cannot load from that format.</source>
        <translation>“{name}”是 {dtype}，torch 无法从这种格式加载。</translation>
    </message>
    <message>
        <source>“{name}” lies in a storage without a dtype, which torch cannot load from that format.</source>
        <translation>“{name}”位于没有数据类型的存储块中，torch 无法从这种格式加载。</translation>
    </message>
    <message>
        <source>The values of {count} tensors are not there, for example “{first}” (a file of the set is missing or damaged). Restore it, or pop these tensors first.</source>
        <translation>{count} 个张量的值不存在，例如“{first}”（这组文件中有文件缺失或损坏）。请恢复该文件，或先移除这些张量。</translation>
    </message>
    <message>
        <source>The values of “{first}” are not there (a file of the set is missing or damaged). Restore it, or pop this tensor first.</source>
        <translation>“{first}”的值不存在（这组文件中有文件缺失或损坏）。请恢复该文件，或先移除这个张量。</translation>
    </message>
    <message>
        <source>“{name}”: {reason}</source>
        <translation>“{name}”：{reason}</translation>
    </message>
    <message>
        <source>The file holds a value ({type}) that cannot be written back. Export the state dict alone.</source>
        <translation>文件中有一个值（{type}）无法写回。请只导出状态字典。</translation>
    </message>
    <message>
        <source>“{label}” is a whole module: its names come from its code, so “{first}” cannot be renamed or added inside it. Export the state dict alone.</source>
        <translation>“{label}”是完整的模块：它的名称由代码决定，因此无法在其中重命名或添加“{first}”。请只导出状态字典。</translation>
    </message>
    <message>
        <source>“{first}” and “{second}” are one and the same tensor of the module “{label}”, but were edited differently. Export the state dict alone.</source>
        <translation>“{first}”和“{second}”是模块“{label}”的同一个张量，却做了不同的更改。请只导出状态字典。</translation>
    </message>
    <message>
        <source>“{path}” ({format}) brings its own code, which a .pth file cannot carry. Export the state dict alone.</source>
        <translation>“{path}”（{format}）自带代码，而 .pth 文件无法携带代码。请只导出状态字典。</translation>
    </message>
    <message>
        <source>The edit at “{path}” cannot be laid over the whole checkpoint. Export the state dict alone.</source>
        <translation>“{path}”处的更改无法应用到整个检查点上。请只导出状态字典。</translation>
    </message>
    <message>
        <source>“{path}” could not be read ({reason}). Nothing was written; check the disk it lies on.</source>
        <translation>无法读取“{path}”（{reason}）。没有写入任何内容；请检查它所在的磁盘。</translation>
    </message>
    <message>
        <source>A tensor gave {written} bytes where {expected} were due; nothing was written.</source>
        <translation>某个张量应有 {expected} 字节，却只得到 {written} 字节；没有写入任何内容。</translation>
    </message>
    <message>
        <source>The written file did not read back as it should (“{name}”: {what}), so it was thrown away. What was at “{path}” before is unchanged.</source>
        <translation>写入的文件重新读取时有误（“{name}”：{what}），因此已被丢弃。“{path}”原有的内容没有变化。</translation>
    </message>
    <message>
        <source>{count} tensors share their values with others; safetensors writes each as a copy, which costs {extra:size}. Pop the names you do not need to avoid it.</source>
        <translation>{count} 个张量与其他张量共享数据；safetensors 会把每个都写成副本，多占 {extra:size}。移除不需要的名称即可避免。</translation>
    </message>
    <message>
        <source>1 tensor shares its values with another; safetensors writes it as a copy, which costs {extra:size}. Pop the name you do not need to avoid it.</source>
        <translation>1 个张量与另一个张量共享数据；safetensors 会把它写成副本，多占 {extra:size}。移除不需要的名称即可避免。</translation>
    </message>
    <message>
        <source>{count} tensors are parts of larger storages; only the parts are written, saving {saved:size}.</source>
        <translation>{count} 个张量只是更大存储块的一部分；只写入用到的部分，节省 {saved:size}。</translation>
    </message>
    <message>
        <source>1 tensor is part of a larger storage; only the part is written, saving {saved:size}.</source>
        <translation>1 个张量只是更大存储块的一部分；只写入用到的部分，节省 {saved:size}。</translation>
    </message>
    <message>
        <source>{count} tensors are stored with gaps or transposed; safetensors writes them row by row.</source>
        <translation>{count} 个张量的存储有间隔或经过转置；safetensors 会按行连续写入。</translation>
    </message>
    <message>
        <source>1 tensor is stored with gaps or transposed; safetensors writes it row by row.</source>
        <translation>1 个张量的存储有间隔或经过转置；safetensors 会按行连续写入。</translation>
    </message>
    <message>
        <source>{count} entries are not tensors and are left out of safetensors, for example “{first}”.</source>
        <translation>{count} 项不是张量，不会写入 safetensors，例如“{first}”。</translation>
    </message>
    <message>
        <source>1 entry is not a tensor and is left out of safetensors: “{first}”.</source>
        <translation>1 项不是张量，不会写入 safetensors：“{first}”。</translation>
    </message>
    <message>
        <source>{count} entries beside the tensors are no part of the state dict and are left out, for example “{first}”. Write the whole checkpoint to keep them.</source>
        <translation>张量之外还有 {count} 项不属于状态字典，不会写入，例如“{first}”。要保留它们，请写出整个检查点。</translation>
    </message>
    <message>
        <source>1 entry beside the tensors is no part of the state dict and is left out: “{first}”. Write the whole checkpoint to keep it.</source>
        <translation>张量之外还有 1 项不属于状态字典，不会写入：“{first}”。要保留它，请写出整个检查点。</translation>
    </message>
    <message>
        <source>{count} metadata entries of the safetensors file have no place in a .pth file and are left out.</source>
        <translation>safetensors 文件的 {count} 项元数据在 .pth 文件中没有位置，不会写入。</translation>
    </message>
    <message>
        <source>1 metadata entry of the safetensors file has no place in a .pth file and is left out.</source>
        <translation>safetensors 文件的 1 项元数据在 .pth 文件中没有位置，不会写入。</translation>
    </message>
    <message>
        <source>{count} tensors lose their class or attributes in safetensors, for example “{first}”.</source>
        <translation>{count} 个张量写成 safetensors 后会失去其类或属性，例如“{first}”。</translation>
    </message>
    <message>
        <source>1 tensor loses its class or attributes in safetensors: “{first}”.</source>
        <translation>1 个张量写成 safetensors 后会失去其类或属性：“{first}”。</translation>
    </message>
    <message>
        <source>{count} tensors are of a class that needs its own code and are written as plain tensors, for example “{first}”. Write the whole checkpoint to keep the class.</source>
        <translation>{count} 个张量的类需要自己的代码，会写成普通张量，例如“{first}”。要保留它们的类，请写出整个检查点。</translation>
    </message>
    <message>
        <source>1 tensor is of a class that needs its own code and is written as a plain tensor: “{first}”. Write the whole checkpoint to keep the class.</source>
        <translation>1 个张量的类需要自己的代码，会写成普通张量：“{first}”。要保留它的类，请写出整个检查点。</translation>
    </message>
    <message>
        <source>{count} tensors keep their class, without which their parts mean nothing, for example “{first}” ({cls}). torch.load reads them with weights_only=True only where that class is imported and listed with torch.serialization.add_safe_globals.</source>
        <translation>{count} 个张量保留各自的类（脱离它，各组成部分就没有意义），例如“{first}”（{cls}）。只有导入了该类并用 torch.serialization.add_safe_globals 登记之后，torch.load 才能以 weights_only=True 读取它们。</translation>
    </message>
    <message>
        <source>1 tensor keeps its class, without which its parts mean nothing: “{first}” ({cls}). torch.load reads it with weights_only=True only where that class is imported and listed with torch.serialization.add_safe_globals.</source>
        <translation>1 个张量保留它的类（脱离它，各组成部分就没有意义）：“{first}”（{cls}）。只有导入了该类并用 torch.serialization.add_safe_globals 登记之后，torch.load 才能以 weights_only=True 读取它。</translation>
    </message>
    <message>
        <source>The source is big-endian; the values are written little-endian, as every reader expects.</source>
        <translation>来源是大端序；值会按小端序写入，这是所有程序的通用要求。</translation>
    </message>
    <message>
        <source>The name ends in “{suffix}”, but the format written is {format}.</source>
        <translation>文件名以“{suffix}”结尾，但写入的格式是 {format}。</translation>
    </message>
    <message>
        <source>“{path}” has other names (hard links); those go on showing the old content.</source>
        <translation>“{path}”还有其他名称（硬链接），那些名称仍指向旧内容。</translation>
    </message>
    <message>
        <source>The metadata “{key}” holds half a character, which safetensors cannot hold. Nothing was written.</source>
        <translation>元数据“{key}”含有不完整的字符，safetensors 无法保存。未写入任何内容。</translation>
    </message>
    <message>
        <source>Removed {count} files of the set that was replaced, which the new index does not name: {first} …</source>
        <translation>已删除被替换的分片集中新索引不再列出的 {count} 个文件：{first} …</translation>
    </message>
    <message>
        <source>Removed 1 file of the set that was replaced, which the new index does not name: {first}</source>
        <translation>已删除被替换的分片集中新索引不再列出的 1 个文件：{first}</translation>
    </message>
    <message>
        <source>Writing “{name}”</source>
        <translation>正在写入“{name}”</translation>
    </message>
    <message>
        <source>Verifying “{name}”</source>
        <translation>正在验证“{name}”</translation>
    </message>
    <message>
        <source>The folder “{path}” cannot be made: {reason}.</source>
        <translation>无法创建文件夹“{path}”：{reason}。</translation>
    </message>
    <message>
        <source>“{first}” was written as “{target}” already; this file would replace it.</source>
        <translation>“{first}”已写入“{target}”，这个文件会把它覆盖。</translation>
    </message>
    <message>
        <source>{name} ({number} of {count})</source>
        <translation>{name}（第 {number} 个，共 {count} 个）</translation>
    </message>
    <message>
        <source>Loading this file with torch.load would run system commands or programs: {call}.</source>
        <translation>用 torch.load 加载这个文件会运行系统命令或程序：{call}。</translation>
    </message>
    <message>
        <source>Loading this file with torch.load would run arbitrary code on your computer: {call}.</source>
        <translation>用 torch.load 加载这个文件会在您的电脑上运行任意代码：{call}。</translation>
    </message>
    <message>
        <source>Loading this file with torch.load would open network connections: {call}.</source>
        <translation>用 torch.load 加载这个文件会打开网络连接：{call}。</translation>
    </message>
    <message>
        <source>Loading this file with torch.load would read or write files: {call}.</source>
        <translation>用 torch.load 加载这个文件会读写文件：{call}。</translation>
    </message>
    <message>
        <source>Loading this file with torch.load would unpickle further data, hidden from scanners: {call}.</source>
        <translation>用 torch.load 加载这个文件会反序列化（unpickle）更多数据，从而躲过扫描程序：{call}。</translation>
    </message>
    <message>
        <source>Loading this file with torch.load would change “{name}” itself for the whole program.</source>
        <translation>用 torch.load 加载这个文件会在整个程序范围内改动“{name}”本身。</translation>
    </message>
    <message>
        <source>Loading this file with torch.load looks functions up by name, which can reach anything: {call}.</source>
        <translation>用 torch.load 加载这个文件会按名称查找函数，这样可以访问任何东西：{call}。</translation>
    </message>
    <message>
        <source>Loading this file with torch.load would call {count} functions that the file computes itself.</source>
        <translation>用 torch.load 加载这个文件会调用 {count} 个由文件自己算出的函数。</translation>
    </message>
    <message>
        <source>Loading this file with torch.load would call a function that the file computes itself.</source>
        <translation>用 torch.load 加载这个文件会调用一个由文件自己算出的函数。</translation>
    </message>
    <message>
        <source>The file is a TorchScript program: besides the weights it holds code, which PyTorch compiles when it loads the file and runs when the model is used. Here only the weights are read, and only they are exported.</source>
        <translation>该文件是 TorchScript 程序：除权重外还含有代码，PyTorch 加载文件时编译它，使用模型时运行它。这里只读取权重，也只导出权重。</translation>
    </message>
    <message>
        <source>The file is an exported program: besides the weights it holds what the model computes, which PyTorch runs when the model is used. Here only the weights are read, and only they are exported.</source>
        <translation>该文件是导出的程序：除权重外还含有模型的计算过程，PyTorch 在使用模型时运行它。这里只读取权重，也只导出权重。</translation>
    </message>
    <message>
        <source>The file names “{name}”, code that would run when torch.load opens it; it belongs to no library known here.</source>
        <translation>文件提到了“{name}”，这是 torch.load 打开时会运行的代码；它不属于本程序已知的任何库。</translation>
    </message>
    <message>
        <source>The file holds objects of torch’s own classes, not only tensors (“{name}”; {count} in all): torch.load opens it with weights_only=False alone.</source>
        <translation>文件中除了张量，还有 torch 自带类的对象（“{name}”；共 {count} 个）：torch.load 只有用 weights_only=False 才能打开。</translation>
    </message>
    <message>
        <source>torch.load needs the library “{library}” for this file and runs its code (“{name}”; {count} in all).</source>
        <translation>torch.load 打开这个文件需要库“{library}”，并会运行它的代码（“{name}”；共 {count} 个）。</translation>
    </message>
    <message>
        <source>The storage “{key}” is named but not in the file; tensors that use it have no values.</source>
        <translation>文件提到了存储块“{key}”，却不包含它；使用它的张量没有值。</translation>
    </message>
    <message>
        <source>The storage “{key}” is shorter than the file says; tensors that use it cannot be read.</source>
        <translation>存储块“{key}”比文件所说的短；使用它的张量无法读取。</translation>
    </message>
    <message>
        <source>The record of the storage “{key}” is larger than what its tensors use; the rest is never read.</source>
        <translation>存储块“{key}”的记录比其张量所用的部分大；多出的部分从不读取。</translation>
    </message>
    <message>
        <source>The pickle is damaged at byte {position}; what a loader would have run before that is listed.</source>
        <translation>pickle 在第 {position} 字节处损坏；下面列出了加载程序在此之前会运行的内容。</translation>
    </message>
    <message>
        <source>{nbytes} bytes follow the end of the pickle; no loader reads them.</source>
        <translation>pickle 结束之后还有 {nbytes} 字节；没有程序会读取它们。</translation>
    </message>
    <message>
        <source>{nbytes} bytes follow the last storage; no loader reads them.</source>
        <translation>最后一个存储块之后还有 {nbytes} 字节；没有程序会读取它们。</translation>
    </message>
    <message>
        <source>{nbytes} bytes follow the end of the archive; no loader reads them.</source>
        <translation>归档结束之后还有 {nbytes} 字节；没有程序会读取它们。</translation>
    </message>
    <message>
        <source>The archive holds “{record}” twice; loaders differ in which of the two they read.</source>
        <translation>归档中有两个“{record}”；不同的加载程序会读取不同的那一个。</translation>
    </message>
    <message>
        <source>The shard “{file}” is missing: {count} tensors have neither shape nor values.</source>
        <translation>缺少分片“{file}”：{count} 个张量既没有形状也没有值。</translation>
    </message>
    <message>
        <source>The shard “{file}” is missing: 1 tensor has neither shape nor values.</source>
        <translation>缺少分片“{file}”：1 个张量既没有形状也没有值。</translation>
    </message>
    <message>
        <source>The shard “{file}” cannot be opened, so {count} tensors have neither shape nor values. {reason}</source>
        <translation>无法打开分片“{file}”，因此 {count} 个张量既没有形状也没有值。{reason}</translation>
    </message>
    <message>
        <source>The shard “{file}” cannot be opened, so 1 tensor has neither shape nor values. {reason}</source>
        <translation>无法打开分片“{file}”，因此 1 个张量既没有形状也没有值。{reason}</translation>
    </message>
    <message>
        <source>The shard “{file}” lacks {count} tensors that the index promises, such as “{name}”.</source>
        <translation>分片“{file}”中缺少索引所列的 {count} 个张量，例如“{name}”。</translation>
    </message>
    <message>
        <source>The shard “{file}” lacks 1 tensor that the index promises: “{name}”.</source>
        <translation>分片“{file}”中缺少索引所列的 1 个张量：“{name}”。</translation>
    </message>
    <message>
        <source>This is one file of a set; open “{index}” to see the whole model.</source>
        <translation>这是一组文件中的一个；要查看整个模型，请打开“{index}”。</translation>
    </message>
    <message>
        <source>The file “{file}” of this checkpoint is missing; the tensors in it have no values.</source>
        <translation>缺少这个检查点的文件“{file}”；其中的张量没有值。</translation>
    </message>
    <message>
        <source>A value of this checkpoint cannot be read. {reason}</source>
        <translation>这个检查点中有一个值无法读取。{reason}</translation>
    </message>
    <message>
        <source>The name “{name}” occurs twice in the header; loaders take the last of the two.</source>
        <translation>名称“{name}”在文件头中出现了两次；加载程序会采用后一个。</translation>
    </message>
    <message>
        <source>A tensor reaches to byte {needed} of the storage “{key}”, which has {there}; it has no values.</source>
        <translation>某个张量用到存储块“{key}”的第 {needed} 字节，而存储块只有 {there} 字节；这个张量没有值。</translation>
    </message>
    <message>
        <source>“{name}” is called with arguments that it does not take; torch would refuse this file.</source>
        <translation>调用“{name}”时给出了它不接受的参数；torch 会拒绝这个文件。</translation>
    </message>
    <message>
        <source>The archive&apos;s directory and the header of “{record}” say different things. torch believes the directory; other programs may see another content. No honest program writes this.</source>
        <translation>归档的目录与“{record}”自身的头部说法不一。torch 以目录为准，其他程序可能看到不同的内容。正常的程序不会写出这样的文件。</translation>
    </message>
    <message>
        <source>“{record}” lies over “{other}” in the archive: the same bytes are two things. No honest program writes this.</source>
        <translation>归档中的“{record}”与“{other}”相互重叠：同样的字节被当作两样东西。正常的程序不会写出这样的文件。</translation>
    </message>
    <message>
        <source>The archive holds something at byte {position} that its directory does not name. torch does not see it; other programs may.</source>
        <translation>归档在第 {position} 字节处有目录未列出的内容。torch 看不到它，其他程序却可能看到。</translation>
    </message>
    <message>
        <source>Reading the values</source>
        <translation>正在读取值</translation>
    </message>
    <message>
        <source>Comparing “{name}”</source>
        <translation>正在比较“{name}”</translation>
    </message>
    <message>
        <source>The bytes of the storage “{key}” do not match their checksum: the file was damaged after it was written.</source>
        <translation>存储块“{key}”的字节与校验和不符：文件在写入之后损坏了。</translation>
    </message>
    <message>
        <source>“{name}” cannot be read: {reason}</source>
        <translation>无法读取“{name}”：{reason}</translation>
    </message>
    <message>
        <source>“{name}” holds {count} NaN values of {total}, first at {place}. A network with them computes nothing but NaN.</source>
        <translation>“{name}”的 {total} 个值中有 {count} 个 NaN，第一个位于 {place}。含有 NaN 的网络只会算出 NaN。</translation>
    </message>
    <message>
        <source>“{name}” holds 1 NaN value of {total}, at {place}. A network with it computes nothing but NaN.</source>
        <translation>“{name}”的 {total} 个值中有 1 个 NaN，位于 {place}。含有 NaN 的网络只会算出 NaN。</translation>
    </message>
    <message>
        <source>“{name}” holds {count} infinite values of {total}, first at {place}.</source>
        <translation>“{name}”的 {total} 个值中有 {count} 个无穷大，第一个位于 {place}。</translation>
    </message>
    <message>
        <source>“{name}” holds 1 infinite value of {total}, at {place}.</source>
        <translation>“{name}”的 {total} 个值中有 1 个无穷大，位于 {place}。</translation>
    </message>
    <message>
        <source>“{name}” is all zeros.</source>
        <translation>“{name}”全是零。</translation>
    </message>
    <message>
        <source>Every value of “{name}” is {value}.</source>
        <translation>“{name}”的每个值都是 {value}。</translation>
    </message>
    <message>
        <source>“{name}” holds values up to {value}; training may have diverged.</source>
        <translation>“{name}”中的值大到 {value}；训练可能已经发散。</translation>
    </message>
    <message>
        <source>“{name}” holds values up to {value}, which float16 cannot: a conversion would make them infinite.</source>
        <translation>“{name}”中的值大到 {value}，float16 无法表示：转换会使它们变成无穷大。</translation>
    </message>
    <message>
        <source>“{name}” has the same values as {others}, stored again: {nbytes:size}.</source>
        <translation>“{name}”的值与{others}相同，却又存储了一份：{nbytes:size}。</translation>
    </message>
    <message>
        <source>“{name}” shares its storage with {others}.</source>
        <translation>“{name}”与{others}共享存储块。</translation>
    </message>
    <message>
        <source>“{name}” uses {used:size} of a storage of {held:size}; the rest is dead weight. An export leaves it out.</source>
        <translation>“{name}”只使用了 {held:size}存储块中的 {used:size}，其余部分没有用处。导出时会略去。</translation>
    </message>
    <message>
        <source>No model is named. Name one like “torchvision:resnet34(num_classes=10)” or “net.py:Net()”.</source>
        <translation>没有指定模型。请指定一个，例如“torchvision:resnet34(num_classes=10)”或“net.py:Net()”。</translation>
    </message>
    <message>
        <source>“{text}” does not name a model: {reason}. Write it as Python would call it, like “net.py:Net(3)”.</source>
        <translation>“{text}”没有指定模型：{reason}。请像在 Python 中调用那样书写，例如“net.py:Net(3)”。</translation>
    </message>
    <message>
        <source>a name is expected before the parentheses</source>
        <translation>括号前面应当有一个名称</translation>
    </message>
    <message>
        <source>In “{text}” the argument “{argument}” is not a plain value. Numbers, text, True, False, None, lists, tuples and dicts of those can be given.</source>
        <translation>“{text}”中的参数“{argument}”不是简单的值。可以使用数字、文本、True、False、None，以及由它们组成的列表、元组和字典。</translation>
    </message>
    <message>
        <source>“{path}” is a Python file: add the class or function to build, like “{path}:Net()”.</source>
        <translation>“{path}”是 Python 文件：请加上要构建的类或函数，例如“{path}:Net()”。</translation>
    </message>
    <message>
        <source>“{path}” is a checkpoint, not a model: it can be compared with, but not built or run.</source>
        <translation>“{path}”是检查点，不是模型：可以与它比较，但不能构建或运行。</translation>
    </message>
    <message>
        <source>No Python with PyTorch was found on this computer. Install PyTorch in one, or choose a Python that has it in the preferences (command line: --python).</source>
        <translation>在这台电脑上没有找到装有 PyTorch 的 Python。请为某个 Python 安装 PyTorch，或在首选项中选择装有 PyTorch 的 Python（命令行：--python）。</translation>
    </message>
    <message>
        <source>The Python {interpreter} has no torch. Install PyTorch there, or choose another Python (preferences, or --python on the command line).</source>
        <translation>Python {interpreter} 没有 torch。请在其中安装 PyTorch，或选择另一个 Python（首选项，或命令行中的 --python）。</translation>
    </message>
    <message>
        <source>“{package}” is installed in the Python {interpreter} but cannot be imported: {error}</source>
        <translation>Python {interpreter} 中装有“{package}”，但无法导入：{error}</translation>
    </message>
    <message>
        <source>PyTorch {version} cannot read a file without running code from it; the load test needs 1.13 or later.</source>
        <translation>PyTorch {version} 无法在不运行代码的情况下读取文件；加载测试需要 1.13 或更高版本。</translation>
    </message>
    <message>
        <source>The Python {interpreter} has no package “{package}”, which the model needs. Install it there, or choose another Python.</source>
        <translation>Python {interpreter} 中没有模型所需的软件包“{package}”。请在其中安装，或选择另一个 Python。</translation>
    </message>
    <message>
        <source>Building {name}</source>
        <translation>正在构建 {name}</translation>
    </message>
    <message>
        <source>Asking PyTorch to load the names into {name}</source>
        <translation>正在让 PyTorch 把名称加载到 {name}</translation>
    </message>
    <message>
        <source>Initialising {name}</source>
        <translation>正在初始化 {name}</translation>
    </message>
    <message>
        <source>Loading the weights with PyTorch</source>
        <translation>正在用 PyTorch 加载权重</translation>
    </message>
    <message>
        <source>The Python “{interpreter}” cannot be started: {reason}. Choose another Python.</source>
        <translation>无法启动 Python“{interpreter}”：{reason}。请选择另一个 Python。</translation>
    </message>
    <message>
        <source>The model&apos;s code did not finish within {seconds} seconds and was stopped.</source>
        <translation>模型的代码没有在 {seconds} 秒内运行完，已被中止。</translation>
    </message>
    <message>
        <source>The Python {interpreter} gave an answer that is not understood, and was stopped. Try again.</source>
        <translation>Python {interpreter} 给出了无法理解的应答，已被中止。请重试。</translation>
    </message>
    <message>
        <source>The process that ran the model&apos;s code was killed by the system, most likely because memory ran out. The open documents are untouched.</source>
        <translation>运行模型代码的进程被系统终止，很可能是因为内存耗尽。打开的文件没有受到影响。</translation>
    </message>
    <message>
        <source>The model&apos;s code crashed its Python ({signal}). The open documents are untouched. The details say where, as far as it could be told.</source>
        <translation>模型的代码使其 Python 崩溃（{signal}）。打开的文件没有受到影响。详细信息中会尽可能指出崩溃的位置。</translation>
    </message>
    <message>
        <source>The model&apos;s code ended its Python {interpreter} with status {status} instead of giving a model.</source>
        <translation>模型的代码没有给出模型，而是以状态 {status} 结束了 Python {interpreter}。</translation>
    </message>
    <message>
        <source>There is no Python file “{path}”. Check the path.</source>
        <translation>没有 Python 文件“{path}”。请检查路径。</translation>
    </message>
    <message>
        <source>The Python file “{path}” cannot be read: {reason}.</source>
        <translation>无法读取 Python 文件“{path}”：{reason}。</translation>
    </message>
    <message>
        <source>The Python file has an error that keeps it from being read: {reason} ({place}).</source>
        <translation>Python 文件有错误，无法读取：{reason}（{place}）。</translation>
    </message>
    <message>
        <source>Importing “{name}” failed: {error}. The details show where in the code.</source>
        <translation>导入“{name}”失败：{error}。详细信息中指出了代码中的位置。</translation>
    </message>
    <message>
        <source>“{where}” has no “{name}”. It has: {known}.</source>
        <translation>“{where}”中没有“{name}”，其中有：{known}。</translation>
    </message>
    <message>
        <source>There is no file “{path}”. The model of torchvision is written “{reference}”.</source>
        <translation>没有文件“{path}”。torchvision 的模型写作“{reference}”。</translation>
    </message>
    <message>
        <source>torchvision has no model “{name}”. Similar names: {known}.</source>
        <translation>torchvision 没有模型“{name}”。相近的名称：{known}。</translation>
    </message>
    <message>
        <source>The arguments do not fit {name}: {reason}. It takes {signature}.</source>
        <translation>参数不适用于 {name}：{reason}。它接受 {signature}。</translation>
    </message>
    <message>
        <source>Building {name} failed: {error}. The details show where in the code.</source>
        <translation>构建 {name} 失败：{error}。详细信息中指出了代码中的位置。</translation>
    </message>
    <message>
        <source>{name} gives a “{type}”, not a PyTorch module. Name the class or function that makes the module.</source>
        <translation>{name} 给出的是“{type}”，不是 PyTorch 模块。请指定生成模块的类或函数。</translation>
    </message>
    <message>
        <source>The code of {name} called sys.exit({status}) instead of giving a model.</source>
        <translation>{name} 的代码没有给出模型，而是调用了 sys.exit({status})。</translation>
    </message>
    <message>
        <source>{name} needs more memory than there is.</source>
        <translation>{name} 需要的内存超过了现有内存。</translation>
    </message>
    <message>
        <source>{name} wants to download something (from {host}), which is never allowed here. Build it without pretrained weights, for example with pretrained=False or weights=None.</source>
        <translation>{name} 要从 {host} 下载内容，这在这里是绝不允许的。请不使用预训练权重来构建，例如用 pretrained=False 或 weights=None。</translation>
    </message>
    <message>
        <source>{name} contains itself: its modules have no end.</source>
        <translation>{name} 包含它自己：它的模块没有尽头。</translation>
    </message>
    <message>
        <source>The loading code of {name} failed: {error}.</source>
        <translation>{name} 的加载代码失败：{error}。</translation>
    </message>
    <message>
        <source>The model has no tensors of these names: {names}.</source>
        <translation>模型中没有这些名称的张量：{names}。</translation>
    </message>
    <message>
        <source>The model&apos;s “{name}” is {dtype}, which cannot be written as plain values.</source>
        <translation>模型的“{name}”是 {dtype}，无法写成普通的值。</translation>
    </message>
    <message>
        <source>There is no file “{path}”.</source>
        <translation>文件“{path}”不存在。</translation>
    </message>
    <message>
        <source>“{path}” is a folder without a checkpoint that can be opened as one; open one of its files.</source>
        <translation>“{path}”是文件夹，其中没有可以整体打开的检查点；请打开其中的某个文件。</translation>
    </message>
    <message>
        <source>“{path}” cannot be read: {reason}.</source>
        <translation>无法读取“{path}”：{reason}。</translation>
    </message>
    <message>
        <source>“{path}” is a pipe or a device, not a file on a disk. Save its content to a file and open that.</source>
        <translation>“{path}”是管道或设备，不是磁盘上的文件。请把其中的内容保存为文件，再打开该文件。</translation>
    </message>
    <message>
        <source>“{path}” was changed, moved or deleted since it was opened. Open it again.</source>
        <translation>“{path}”在打开之后被更改、移动或删除了。请重新打开。</translation>
    </message>
    <message>
        <source>“{path}” is cut short: at least {missing:size} are missing at its end. Download or copy it again.</source>
        <translation>“{path}”不完整：末尾至少缺少 {missing:size}。请重新下载或复制。</translation>
    </message>
    <message>
        <source>“{path}” is empty.</source>
        <translation>“{path}”是空文件。</translation>
    </message>
    <message>
        <source>“{path}” begins with nothing but zero bytes; the download or copy was probably interrupted.</source>
        <translation>“{path}”开头全是零字节；下载或复制很可能中断了。</translation>
    </message>
    <message>
        <source>“{path}” is not a checkpoint of any kind known here.</source>
        <translation>“{path}”不是本程序已知的任何一种检查点。</translation>
    </message>
    <message>
        <source>“{path}” is a git-LFS pointer: the real file was never downloaded. Run “git lfs pull” in its folder.</source>
        <translation>“{path}”是 git-LFS 指针：真正的文件还没有下载。请在它所在的文件夹中运行“git lfs pull”。</translation>
    </message>
    <message>
        <source>“{path}” is a web page, not a checkpoint: the download gave an error or login page. Download it again.</source>
        <translation>“{path}”是网页，不是检查点：下载到的是错误页面或登录页面。请重新下载。</translation>
    </message>
    <message>
        <source>“{path}” is an XML text, often a server’s error message saved in place of the file. Download it again.</source>
        <translation>“{path}”是 XML 文本，往往是服务器的错误消息被当作文件保存了。请重新下载。</translation>
    </message>
    <message>
        <source>“{path}” has only {nbytes} bytes: too few to be a checkpoint. Download or copy it again.</source>
        <translation>“{path}”只有 {nbytes} 字节，不可能是检查点。请重新下载或复制。</translation>
    </message>
    <message>
        <source>“{path}” is a text file, not a checkpoint.</source>
        <translation>“{path}”是文本文件，不是检查点。</translation>
    </message>
    <message>
        <source>“{path}” is a JSON text that lists no shards of a checkpoint.</source>
        <translation>“{path}”是 JSON 文本，其中没有列出检查点的分片。</translation>
    </message>
    <message>
        <source>“{path}” is compressed with gzip. Unpack it first, then open what is inside.</source>
        <translation>“{path}”经过 gzip 压缩。请先解压，再打开其中的文件。</translation>
    </message>
    <message>
        <source>“{path}” is compressed with bzip2. Unpack it first, then open what is inside.</source>
        <translation>“{path}”经过 bzip2 压缩。请先解压，再打开其中的文件。</translation>
    </message>
    <message>
        <source>“{path}” is compressed with xz. Unpack it first, then open what is inside.</source>
        <translation>“{path}”经过 xz 压缩。请先解压，再打开其中的文件。</translation>
    </message>
    <message>
        <source>“{path}” is compressed with Zstandard. Unpack it first, then open what is inside.</source>
        <translation>“{path}”经过 Zstandard 压缩。请先解压，再打开其中的文件。</translation>
    </message>
    <message>
        <source>“{path}” is compressed with zlib, as joblib does it. Unpack it first, then open what is inside.</source>
        <translation>“{path}”是用 zlib 压缩的文件（joblib 会这样保存）。请先解压，再打开里面的文件。</translation>
    </message>
    <message>
        <source>“{path}” is compressed with LZMA. Unpack it first, then open what is inside.</source>
        <translation>“{path}”是用 LZMA 压缩的文件。请先解压，再打开里面的文件。</translation>
    </message>
    <message>
        <source>“{path}” is compressed with LZ4. Unpack it first, then open what is inside.</source>
        <translation>“{path}”是用 LZ4 压缩的文件。请先解压，再打开里面的文件。</translation>
    </message>
    <message>
        <source>“{path}” is a 7z archive. Unpack it first, then open what is inside.</source>
        <translation>“{path}”是 7z 压缩包。请先解压，再打开其中的文件。</translation>
    </message>
    <message>
        <source>“{path}” is a RAR archive. Unpack it first, then open what is inside.</source>
        <translation>“{path}”是 RAR 压缩包。请先解压，再打开其中的文件。</translation>
    </message>
    <message>
        <source>“{path}” is an archive of other files ({names}). Unpack it and open the checkpoint among them.</source>
        <translation>“{path}”是包含其他文件的压缩包（{names}）。请先解压，再打开其中的检查点。</translation>
    </message>
    <message>
        <source>“{path}” is a ZIP archive without any files.</source>
        <translation>“{path}”是不含任何文件的 ZIP 压缩包。</translation>
    </message>
    <message>
        <source>“{path}” is a GGUF or GGML model (llama.cpp), not a PyTorch checkpoint.</source>
        <translation>“{path}”是 GGUF 或 GGML 模型（llama.cpp），不是 PyTorch 检查点。</translation>
    </message>
    <message>
        <source>“{path}” is an HDF5 file (Keras), not a PyTorch checkpoint.</source>
        <translation>“{path}”是 HDF5 文件（Keras），不是 PyTorch 检查点。</translation>
    </message>
    <message>
        <source>“{path}” is a Keras model, not a PyTorch checkpoint.</source>
        <translation>“{path}”是 Keras 模型，不是 PyTorch 检查点。</translation>
    </message>
    <message>
        <source>“{path}” is a NumPy array file (.npy), not a PyTorch checkpoint.</source>
        <translation>“{path}”是 NumPy 数组文件（.npy），不是 PyTorch 检查点。</translation>
    </message>
    <message>
        <source>“{path}” is a NumPy archive of arrays (.npz), not a PyTorch checkpoint.</source>
        <translation>“{path}”是 NumPy 数组压缩包（.npz），不是 PyTorch 检查点。</translation>
    </message>
    <message>
        <source>“{path}” is an ONNX model, not a PyTorch checkpoint.</source>
        <translation>“{path}”是 ONNX 模型，不是 PyTorch 检查点。</translation>
    </message>
    <message>
        <source>“{path}” is a TensorFlow model, not a PyTorch checkpoint.</source>
        <translation>“{path}”是 TensorFlow 模型，不是 PyTorch 检查点。</translation>
    </message>
    <message>
        <source>“{path}” is a TensorFlow Lite model, not a PyTorch checkpoint.</source>
        <translation>“{path}”是 TensorFlow Lite 模型，不是 PyTorch 检查点。</translation>
    </message>
    <message>
        <source>“{path}” is an ExecuTorch program, made for devices; open the checkpoint it was exported from.</source>
        <translation>“{path}”是为设备制作的 ExecuTorch 程序；请打开导出它所用的检查点。</translation>
    </message>
    <message>
        <source>“{path}” is an ncnn model, not a PyTorch checkpoint.</source>
        <translation>“{path}”是 ncnn 模型，不是 PyTorch 检查点。</translation>
    </message>
    <message>
        <source>“{path}” is a PDF document, not a checkpoint.</source>
        <translation>“{path}”是 PDF 文档，不是检查点。</translation>
    </message>
    <message>
        <source>“{path}” is a picture, not a checkpoint.</source>
        <translation>“{path}”是图片，不是检查点。</translation>
    </message>
    <message>
        <source>“{path}” is a program or library, not a checkpoint.</source>
        <translation>“{path}”是程序或程序库，不是检查点。</translation>
    </message>
    <message>
        <source>“{path}” was written by joblib, which puts arrays between the opcodes of a pickle; only joblib can read it.</source>
        <translation>“{path}”由 joblib 写成，它把数组放在 pickle 的操作码之间；只有 joblib 能读取。</translation>
    </message>
    <message>
        <source>“{path}” is a TorchServe archive (.mar): a ZIP file. Unpack it and open the model inside.</source>
        <translation>“{path}”是 TorchServe 归档（.mar），也就是 ZIP 文件。请先解压，再打开其中的模型。</translation>
    </message>
    <message>
        <source>“{path}” is cut short: the directory at the end of the archive is missing. Download or copy it again.</source>
        <translation>“{path}”不完整：缺少归档末尾的目录。请重新下载或复制。</translation>
    </message>
    <message>
        <source>“{path}” is cut short: at least {missing:size} are missing at its end, with the directory of the archive. Download or copy it again.</source>
        <translation>“{path}”不完整：末尾至少缺少 {missing:size}，其中包括归档的目录。请重新下载或复制。</translation>
    </message>
    <message>
        <source>The ZIP archive “{path}” is damaged. Download or copy it again.</source>
        <translation>ZIP 归档“{path}”已损坏。请重新下载或复制。</translation>
    </message>
    <message>
        <source>“{path}” is damaged or was tampered with: its directory and the member “{record}” itself say different things.</source>
        <translation>“{path}”已损坏或被篡改：目录与成员“{record}”本身的信息不一致。</translation>
    </message>
    <message>
        <source>“{path}” is an encrypted ZIP archive. Unpack it with its password, then open what is inside.</source>
        <translation>“{path}”是加密的 ZIP 压缩包。请先用密码解压，再打开其中的文件。</translation>
    </message>
    <message>
        <source>“{record}” in “{path}” is compressed with a method ({method}) that torch never uses.</source>
        <translation>“{path}”中的“{record}”采用了 torch 从不使用的压缩方法（{method}）。</translation>
    </message>
    <message>
        <source>“{path}” is a ZIP archive, but not one that torch wrote: it has no data.pkl. Unpack it first.</source>
        <translation>“{path}”是 ZIP 压缩包，但不是 torch 写的：其中没有 data.pkl。请先解压。</translation>
    </message>
    <message>
        <source>“{record}” in “{path}” claims {nbytes} bytes, more than any real checkpoint needs there.</source>
        <translation>“{path}”中的“{record}”声称有 {nbytes} 字节，超过了任何真实检查点在此处所需的大小。</translation>
    </message>
    <message>
        <source>The file has no record “{record}”, so these values are not there.</source>
        <translation>文件中没有记录“{record}”，所以这些值不存在。</translation>
    </message>
    <message>
        <source>The record “{record}” holds {there} bytes where the tensors need {needed}; the file is damaged.</source>
        <translation>记录“{record}”只有 {there} 字节，而张量需要 {needed} 字节；文件已损坏。</translation>
    </message>
    <message>
        <source>The record “{record}” cannot be unpacked; the file is damaged.</source>
        <translation>无法解压记录“{record}”；文件已损坏。</translation>
    </message>
    <message>
        <source>This tensor reaches to byte {needed} of a storage (“{key}”) of {there} bytes; the file is damaged.</source>
        <translation>这个张量用到存储块（“{key}”）的第 {needed} 字节，而存储块只有 {there} 字节；文件已损坏。</translation>
    </message>
    <message>
        <source>This tensor was saved on the “meta” device: it has a shape and no values.</source>
        <translation>这个张量保存在“meta”设备上：只有形状，没有值。</translation>
    </message>
    <message>
        <source>“{path}” is cut short or damaged: its pickle ({record}) breaks off at byte {position}.</source>
        <translation>“{path}”不完整或已损坏：其中的 pickle（{record}）在第 {position} 字节处中断。</translation>
    </message>
    <message>
        <source>“{path}” is damaged: its pickle ({record}) makes no sense at byte {position}.</source>
        <translation>“{path}”已损坏：其中的 pickle（{record}）在第 {position} 字节处无法理解。</translation>
    </message>
    <message>
        <source>“{path}” holds checkpoints inside checkpoints inside checkpoints; that deep nothing is read.</source>
        <translation>“{path}”中的检查点层层嵌套，层数太深，无法读取。</translation>
    </message>
    <message>
        <source>The tar archive “{path}” is damaged. Download or copy it again.</source>
        <translation>tar 归档“{path}”已损坏。请重新下载或复制。</translation>
    </message>
    <message>
        <source>“{path}” is an exported program (.pt2) whose list of weights is damaged.</source>
        <translation>“{path}”是导出的程序（.pt2），其权重列表已损坏。</translation>
    </message>
    <message>
        <source>“{path}” begins like an old PyTorch checkpoint, but what follows is none; it is damaged.</source>
        <translation>“{path}”的开头像旧式 PyTorch 检查点，但后面的内容不是；文件已损坏。</translation>
    </message>
    <message>
        <source>“{path}” is damaged: its list of storages does not fit what its pickle describes.</source>
        <translation>“{path}”已损坏：存储块列表与 pickle 所描述的不符。</translation>
    </message>
    <message>
        <source>“{path}” is damaged: the storage “{key}” has another size than the pickle says.</source>
        <translation>“{path}”已损坏：存储块“{key}”的大小与 pickle 所说的不同。</translation>
    </message>
    <message>
        <source>“{path}” is a damaged list of shards: it does not map names to files.</source>
        <translation>“{path}”是损坏的分片列表：没有给出从名称到文件的映射。</translation>
    </message>
    <message>
        <source>“{path}” is a list of shards where a checkpoint was expected.</source>
        <translation>“{path}”是分片列表，而这里需要的是检查点。</translation>
    </message>
    <message>
        <source>The shard “{file}” is missing, so this tensor has no values. Put the file beside the others and open the set again.</source>
        <translation>缺少分片“{file}”，所以这个张量没有值。请把该文件与其他分片放在一起，再重新打开。</translation>
    </message>
    <message>
        <source>“{path}” lies outside the folder of the list of shards and is not opened.</source>
        <translation>“{path}”不在分片列表所在的文件夹之内，因此不会打开。</translation>
    </message>
    <message>
        <source>“{path}” is not what torch.distributed.checkpoint writes; the folder cannot be opened.</source>
        <translation>“{path}”不是 torch.distributed.checkpoint 写出的内容；无法打开这个文件夹。</translation>
    </message>
    <message>
        <source>A part of this tensor in “{path}” is not what the checkpoint’s metadata says; the file is damaged.</source>
        <translation>“{path}”中这个张量的一部分与检查点的元数据不符；文件已损坏。</translation>
    </message>
    <message>
        <source>A part of this tensor is not in the checkpoint’s files.</source>
        <translation>检查点的文件中缺少这个张量的一部分。</translation>
    </message>
    <message>
        <source>“{path}” is no valid safetensors file: its header is damaged ({reason}).</source>
        <translation>“{path}”不是有效的 safetensors 文件：文件头已损坏（{reason}）。</translation>
    </message>
    <message>
        <source>shorter than its header’s length field</source>
        <translation>比文件头的长度字段还短</translation>
    </message>
    <message>
        <source>not a list of tensors</source>
        <translation>不是张量列表</translation>
    </message>
    <message>
        <source>not UTF-8</source>
        <translation>不是 UTF-8</translation>
    </message>
    <message>
        <source>not a JSON object</source>
        <translation>不是 JSON 对象</translation>
    </message>
    <message>
        <source>a name is no valid text</source>
        <translation>某个名称不是有效的文本</translation>
    </message>
    <message>
        <source>“__metadata__” is not a table of strings</source>
        <translation>“__metadata__”不是由字符串组成的表</translation>
    </message>
    <message>
        <source>“{path}” is no valid safetensors file: its header claims {nbytes} bytes, and 100 MB are the limit.</source>
        <translation>“{path}”不是有效的 safetensors 文件：文件头声称有 {nbytes} 字节，而上限是 100 MB。</translation>
    </message>
    <message>
        <source>“{path}” is no valid safetensors file: the name “{name}” occurs twice in its header.</source>
        <translation>“{path}”不是有效的 safetensors 文件：名称“{name}”在文件头中出现了两次。</translation>
    </message>
    <message>
        <source>“{path}” is no valid safetensors file: the entry of “{name}” is not a dtype, a shape and two offsets.</source>
        <translation>“{path}”不是有效的 safetensors 文件：“{name}”的条目不是由数据类型、形状和两个偏移量组成的。</translation>
    </message>
    <message>
        <source>“{path}”: “{name}” has the dtype “{dtype}”, which is not known here.</source>
        <translation>“{path}”：“{name}”的数据类型“{dtype}”是本程序所不认识的。</translation>
    </message>
    <message>
        <source>“{path}” is no valid safetensors file: the bytes of “{name}” overlap others or leave a gap before them.</source>
        <translation>“{path}”不是有效的 safetensors 文件：“{name}”的字节与其他张量重叠，或在前面留有空隙。</translation>
    </message>
    <message>
        <source>“{path}” is no valid safetensors file: “{name}” needs {needed} bytes by its shape and dtype, and has {there}.</source>
        <translation>“{path}”不是有效的 safetensors 文件：按形状和数据类型，“{name}”需要 {needed} 字节，实际有 {there} 字节。</translation>
    </message>
    <message>
        <source>“{path}” is no valid safetensors file: “{name}” has more elements than can be counted.</source>
        <translation>“{path}”不是有效的 safetensors 文件：“{name}”的元素多得无法计数。</translation>
    </message>
    <message>
        <source>“{path}” is no valid safetensors file: “{name}” does not fill whole bytes.</source>
        <translation>“{path}”不是有效的 safetensors 文件：“{name}”占用的不是整数个字节。</translation>
    </message>
    <message>
        <source>“{path}” is no valid safetensors file: {nbytes} bytes follow the last tensor.</source>
        <translation>“{path}”不是有效的 safetensors 文件：最后一个张量之后还有 {nbytes} 字节。</translation>
    </message>
    <message>
        <source>“{path}” holds no state dict: no mapping from names to tensors was found in it.</source>
        <translation>“{path}”中没有状态字典：没有找到从名称到张量的映射。</translation>
    </message>
    <message>
        <source>There is no state dict “{label}” in the file; there are: {known} (“.” is the file’s root).</source>
        <translation>文件中没有状态字典“{label}”；有这些：{known}（“.”是文件的根）。</translation>
    </message>
    <message>
        <source>The new file has taken the place of the one that was opened.</source>
        <translation>新文件已取代打开的那个文件。</translation>
    </message>
    <message>
        <source>Step {number} ({step}): {reason}</source>
        <translation>第 {number} 步（{step}）：{reason}</translation>
    </message>
    <message>
        <source>This does not fit the file: {edit}. {reason}</source>
        <translation>不适用于这个文件：{edit}。{reason}</translation>
    </message>
    <message>
        <source>Left out, for it does not fit: {edit}. {reason}</source>
        <translation>因不适用而略过：{edit}。{reason}</translation>
    </message>
</context>
</TS>
