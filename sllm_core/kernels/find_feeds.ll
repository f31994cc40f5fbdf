; 7a6d63e587268b6a881df0695a2db7c0b53244d914efdb6894c88110c7d75b72


; Function Attrs: nofree norecurse nosync nounwind memory(argmem: readwrite)
define noundef range(i32 -1, -2) i32 @find_feeds(ptr noalias writeonly captures(none) %retptr, ptr noalias readnone captures(none) %excinfo, ptr readonly captures(none) %arg.text, ptr readonly captures(none) %arg.words, i64 %arg.size, ptr writeonly captures(none) %arg.feeds, ptr writeonly captures(none) %arg.found) local_unnamed_addr #0 {
B0.else.if:
  %const4 = bitcast i64 -9187201950435737472 to i64
  %.96.1 = ashr i64 %arg.size, 3
  %.210311.not = icmp slt i64 %.96.1, 1
  br i1 %.210311.not, label %B774.else.if, label %B398.preheader

B398.preheader:                                   ; preds = %B0.else.if
  %const3 = bitcast i64 9187201950435737471 to i64
  %const = bitcast i64 72340172838076673 to i64
  br label %B398

B398:                                             ; preds = %B398.preheader, %B772
  %returns.4.0319 = phi i64 [ %returns.5.1, %B772 ], [ 0, %B398.preheader ]
  %signs.4.0318 = phi i64 [ %signs.5.1, %B772 ], [ 0, %B398.preheader ]
  %count.4.0317 = phi i64 [ %count.5.1, %B772 ], [ 0, %B398.preheader ]
  %seen.3.0316 = phi i64 [ %.272, %B772 ], [ 0, %B398.preheader ]
  %.216302314 = phi i64 [ %.223, %B772 ], [ 0, %B398.preheader ]
  %.223 = add nuw nsw i64 %.216302314, 1
  %.265 = getelementptr i64, ptr %arg.words, i64 %.216302314
  %.266 = load i64, ptr %.265, align 8
  %.272 = or i64 %.266, %seen.3.0316
  %.280 = add i64 %.266, -2314885530818453536
  %.282 = and i64 %.266, %const4
  %.283 = xor i64 %.282, %const4
  %.285 = and i64 %.283, %.280
  %.290.not = icmp eq i64 %.285, 0
  br i1 %.290.not, label %B772, label %B454

B454:                                             ; preds = %B398
  %.308 = and i64 %.266, %const3
  %.312 = xor i64 %.308, 723401728380766730
  %.314 = add nuw i64 %.312, %const3
  %.315 = or i64 %.314, %.266
  %0 = and i64 %.315, %const4
  %.318 = xor i64 %0, %const4
  %.324.not = icmp eq i64 %.285, %.318
  br i1 %.324.not, label %B646, label %B558.preheader

B646:                                             ; preds = %B558.preheader, %B454
  %signs.6.2 = phi i64 [ %signs.4.0318, %B454 ], [ %.508.7, %B558.preheader ]
  %returns.6.2 = phi i64 [ %returns.4.0319, %B454 ], [ %.526.7, %B558.preheader ]
  %.562.not = icmp eq i64 %0, %const4
  br i1 %.562.not, label %B772, label %B650.preheader

B650.preheader:                                   ; preds = %B646
  %.573 = shl nsw i64 %.216302314, 3
  br label %B650.endif

B772:                                             ; preds = %B650.endif, %B646, %B398
  %count.5.1 = phi i64 [ %count.4.0317, %B398 ], [ %count.4.0317, %B646 ], [ %.620, %B650.endif ]
  %signs.5.1 = phi i64 [ %signs.4.0318, %B398 ], [ %signs.6.2, %B646 ], [ %signs.6.2, %B650.endif ]
  %returns.5.1 = phi i64 [ %returns.4.0319, %B398 ], [ %returns.6.2, %B646 ], [ %returns.6.2, %B650.endif ]
  %exitcond.not = icmp eq i64 %.223, %.96.1
  br i1 %exitcond.not, label %B774.else.if, label %B398

B988:                                             ; preds = %B820.preheader
  %.954 = trunc i64 %.752 to i32
  %.955 = getelementptr i32, ptr %arg.feeds, i64 %count.4.0.lcssa
  store i32 %.954, ptr %.955, align 4
  %.960 = add nsw i64 %count.4.0.lcssa, 1
  br label %B1008

B1008:                                            ; preds = %B988, %B820.preheader
  %count.7.1 = phi i64 [ %.960, %B988 ], [ %count.4.0.lcssa, %B820.preheader ]
  %.835.not = icmp eq i64 %.792, 1
  br i1 %.835.not, label %common.ret, label %B820.1

B820.1:                                           ; preds = %B1008
  %.848.1 = or disjoint i64 %.752, 2
  %.878.1 = getelementptr i8, ptr %arg.text, i64 %.848
  %.879.1 = load i8, ptr %.878.1, align 1
  %.880.1 = zext i8 %.879.1 to i64
  %.882.1 = or i64 %.882, %.880.1
  %.893.1 = icmp eq i8 %.879.1, 0
  %.909.1 = icmp eq i8 %.879.1, 27
  %spec.select284.1 = or i1 %.893.1, %.909.1
  %.920.1 = zext i1 %spec.select284.1 to i64
  %.921.1 = add nsw i64 %.921, %.920.1
  %.934.1 = icmp eq i8 %.879.1, 13
  %.937.1 = zext i1 %.934.1 to i64
  %.938.1 = add nsw i64 %.938, %.937.1
  %.949.1 = icmp eq i8 %.879.1, 10
  br i1 %.949.1, label %B988.1, label %B1008.1

B988.1:                                           ; preds = %B820.1
  %.954.1 = trunc i64 %.848 to i32
  %.955.1 = getelementptr i32, ptr %arg.feeds, i64 %count.7.1
  store i32 %.954.1, ptr %.955.1, align 4
  %.960.1 = add nsw i64 %count.7.1, 1
  br label %B1008.1

B1008.1:                                          ; preds = %B988.1, %B820.1
  %count.7.1.1 = phi i64 [ %.960.1, %B988.1 ], [ %count.7.1, %B820.1 ]
  %.835.1 = icmp samesign ugt i64 %.792, 2
  br i1 %.835.1, label %B820.2, label %common.ret

B820.2:                                           ; preds = %B1008.1
  %.848.2 = or disjoint i64 %.752, 3
  %.878.2 = getelementptr i8, ptr %arg.text, i64 %.848.1
  %.879.2 = load i8, ptr %.878.2, align 1
  %.880.2 = zext i8 %.879.2 to i64
  %.882.2 = or i64 %.882.1, %.880.2
  %.893.2 = icmp eq i8 %.879.2, 0
  %.909.2 = icmp eq i8 %.879.2, 27
  %spec.select284.2 = or i1 %.893.2, %.909.2
  %.920.2 = zext i1 %spec.select284.2 to i64
  %.921.2 = add nsw i64 %.921.1, %.920.2
  %.934.2 = icmp eq i8 %.879.2, 13
  %.937.2 = zext i1 %.934.2 to i64
  %.938.2 = add nsw i64 %.938.1, %.937.2
  %.949.2 = icmp eq i8 %.879.2, 10
  br i1 %.949.2, label %B988.2, label %B1008.2

B988.2:                                           ; preds = %B820.2
  %.954.2 = trunc i64 %.848.1 to i32
  %.955.2 = getelementptr i32, ptr %arg.feeds, i64 %count.7.1.1
  store i32 %.954.2, ptr %.955.2, align 4
  %.960.2 = add nsw i64 %count.7.1.1, 1
  br label %B1008.2

B1008.2:                                          ; preds = %B988.2, %B820.2
  %count.7.1.2 = phi i64 [ %.960.2, %B988.2 ], [ %count.7.1.1, %B820.2 ]
  %.835.2.not = icmp eq i64 %.792, 3
  br i1 %.835.2.not, label %common.ret, label %B820.3

B820.3:                                           ; preds = %B1008.2
  %.848.3 = or disjoint i64 %.752, 4
  %.878.3 = getelementptr i8, ptr %arg.text, i64 %.848.2
  %.879.3 = load i8, ptr %.878.3, align 1
  %.880.3 = zext i8 %.879.3 to i64
  %.882.3 = or i64 %.882.2, %.880.3
  %.893.3 = icmp eq i8 %.879.3, 0
  %.909.3 = icmp eq i8 %.879.3, 27
  %spec.select284.3 = or i1 %.893.3, %.909.3
  %.920.3 = zext i1 %spec.select284.3 to i64
  %.921.3 = add nsw i64 %.921.2, %.920.3
  %.934.3 = icmp eq i8 %.879.3, 13
  %.937.3 = zext i1 %.934.3 to i64
  %.938.3 = add nsw i64 %.938.2, %.937.3
  %.949.3 = icmp eq i8 %.879.3, 10
  br i1 %.949.3, label %B988.3, label %B1008.3

B988.3:                                           ; preds = %B820.3
  %.954.3 = trunc i64 %.848.2 to i32
  %.955.3 = getelementptr i32, ptr %arg.feeds, i64 %count.7.1.2
  store i32 %.954.3, ptr %.955.3, align 4
  %.960.3 = add nsw i64 %count.7.1.2, 1
  br label %B1008.3

B1008.3:                                          ; preds = %B988.3, %B820.3
  %count.7.1.3 = phi i64 [ %.960.3, %B988.3 ], [ %count.7.1.2, %B820.3 ]
  %.835.3 = icmp samesign ugt i64 %.792, 4
  br i1 %.835.3, label %B820.4, label %common.ret

B820.4:                                           ; preds = %B1008.3
  %.848.4 = or disjoint i64 %.752, 5
  %.878.4 = getelementptr i8, ptr %arg.text, i64 %.848.3
  %.879.4 = load i8, ptr %.878.4, align 1
  %.880.4 = zext i8 %.879.4 to i64
  %.882.4 = or i64 %.882.3, %.880.4
  %.893.4 = icmp eq i8 %.879.4, 0
  %.909.4 = icmp eq i8 %.879.4, 27
  %spec.select284.4 = or i1 %.893.4, %.909.4
  %.920.4 = zext i1 %spec.select284.4 to i64
  %.921.4 = add nsw i64 %.921.3, %.920.4
  %.934.4 = icmp eq i8 %.879.4, 13
  %.937.4 = zext i1 %.934.4 to i64
  %.938.4 = add nsw i64 %.938.3, %.937.4
  %.949.4 = icmp eq i8 %.879.4, 10
  br i1 %.949.4, label %B988.4, label %B1008.4

B988.4:                                           ; preds = %B820.4
  %.954.4 = trunc i64 %.848.3 to i32
  %.955.4 = getelementptr i32, ptr %arg.feeds, i64 %count.7.1.3
  store i32 %.954.4, ptr %.955.4, align 4
  %.960.4 = add nsw i64 %count.7.1.3, 1
  br label %B1008.4

B1008.4:                                          ; preds = %B988.4, %B820.4
  %count.7.1.4 = phi i64 [ %.960.4, %B988.4 ], [ %count.7.1.3, %B820.4 ]
  %.835.4.not = icmp eq i64 %.792, 5
  br i1 %.835.4.not, label %common.ret, label %B820.5

B820.5:                                           ; preds = %B1008.4
  %.848.5 = or disjoint i64 %.752, 6
  %.878.5 = getelementptr i8, ptr %arg.text, i64 %.848.4
  %.879.5 = load i8, ptr %.878.5, align 1
  %.880.5 = zext i8 %.879.5 to i64
  %.882.5 = or i64 %.882.4, %.880.5
  %.893.5 = icmp eq i8 %.879.5, 0
  %.909.5 = icmp eq i8 %.879.5, 27
  %spec.select284.5 = or i1 %.893.5, %.909.5
  %.920.5 = zext i1 %spec.select284.5 to i64
  %.921.5 = add nsw i64 %.921.4, %.920.5
  %.934.5 = icmp eq i8 %.879.5, 13
  %.937.5 = zext i1 %.934.5 to i64
  %.938.5 = add nsw i64 %.938.4, %.937.5
  %.949.5 = icmp eq i8 %.879.5, 10
  br i1 %.949.5, label %B988.5, label %B1008.5

B988.5:                                           ; preds = %B820.5
  %.954.5 = trunc i64 %.848.4 to i32
  %.955.5 = getelementptr i32, ptr %arg.feeds, i64 %count.7.1.4
  store i32 %.954.5, ptr %.955.5, align 4
  %.960.5 = add nsw i64 %count.7.1.4, 1
  br label %B1008.5

B1008.5:                                          ; preds = %B988.5, %B820.5
  %count.7.1.5 = phi i64 [ %.960.5, %B988.5 ], [ %count.7.1.4, %B820.5 ]
  %.835.5 = icmp eq i64 %.792, 7
  br i1 %.835.5, label %B820.6, label %common.ret

B820.6:                                           ; preds = %B1008.5
  %.878.6 = getelementptr i8, ptr %arg.text, i64 %.848.5
  %.879.6 = load i8, ptr %.878.6, align 1
  %.880.6 = zext i8 %.879.6 to i64
  %.882.6 = or i64 %.882.5, %.880.6
  %.893.6 = icmp eq i8 %.879.6, 0
  %.909.6 = icmp eq i8 %.879.6, 27
  %spec.select284.6 = or i1 %.893.6, %.909.6
  %.920.6 = zext i1 %spec.select284.6 to i64
  %.921.6 = add nsw i64 %.921.5, %.920.6
  %.934.6 = icmp eq i8 %.879.6, 13
  %.937.6 = zext i1 %.934.6 to i64
  %.938.6 = add nsw i64 %.938.5, %.937.6
  %.949.6 = icmp eq i8 %.879.6, 10
  br i1 %.949.6, label %B988.6, label %common.ret

B988.6:                                           ; preds = %B820.6
  %.954.6 = trunc i64 %.848.5 to i32
  %.955.6 = getelementptr i32, ptr %arg.feeds, i64 %count.7.1.5
  store i32 %.954.6, ptr %.955.6, align 4
  %.960.6 = add nsw i64 %count.7.1.5, 1
  br label %common.ret

B558.preheader:                                   ; preds = %B454
  %.345 = shl nsw i64 %.216302314, 3
  %.481 = getelementptr i8, ptr %arg.text, i64 %.345
  %.482 = load i8, ptr %.481, align 1
  %.484 = icmp eq i8 %.482, 0
  %.500 = icmp eq i8 %.482, 27
  %spec.select = or i1 %.484, %.500
  %.507 = zext i1 %spec.select to i64
  %.508 = add nsw i64 %signs.4.0318, %.507
  %.522 = icmp eq i8 %.482, 13
  %.525 = zext i1 %.522 to i64
  %.526 = add nsw i64 %returns.4.0319, %.525
  %.481.1 = getelementptr i8, ptr %.481, i64 1
  %.482.1 = load i8, ptr %.481.1, align 1
  %.484.1 = icmp eq i8 %.482.1, 0
  %.500.1 = icmp eq i8 %.482.1, 27
  %spec.select.1 = or i1 %.484.1, %.500.1
  %.507.1 = zext i1 %spec.select.1 to i64
  %.508.1 = add nsw i64 %.508, %.507.1
  %.522.1 = icmp eq i8 %.482.1, 13
  %.525.1 = zext i1 %.522.1 to i64
  %.526.1 = add nsw i64 %.526, %.525.1
  %.481.2 = getelementptr i8, ptr %.481, i64 2
  %.482.2 = load i8, ptr %.481.2, align 1
  %.484.2 = icmp eq i8 %.482.2, 0
  %.500.2 = icmp eq i8 %.482.2, 27
  %spec.select.2 = or i1 %.484.2, %.500.2
  %.507.2 = zext i1 %spec.select.2 to i64
  %.508.2 = add nsw i64 %.508.1, %.507.2
  %.522.2 = icmp eq i8 %.482.2, 13
  %.525.2 = zext i1 %.522.2 to i64
  %.526.2 = add nsw i64 %.526.1, %.525.2
  %.481.3 = getelementptr i8, ptr %.481, i64 3
  %.482.3 = load i8, ptr %.481.3, align 1
  %.484.3 = icmp eq i8 %.482.3, 0
  %.500.3 = icmp eq i8 %.482.3, 27
  %spec.select.3 = or i1 %.484.3, %.500.3
  %.507.3 = zext i1 %spec.select.3 to i64
  %.508.3 = add nsw i64 %.508.2, %.507.3
  %.522.3 = icmp eq i8 %.482.3, 13
  %.525.3 = zext i1 %.522.3 to i64
  %.526.3 = add nsw i64 %.526.2, %.525.3
  %.481.4 = getelementptr i8, ptr %.481, i64 4
  %.482.4 = load i8, ptr %.481.4, align 1
  %.484.4 = icmp eq i8 %.482.4, 0
  %.500.4 = icmp eq i8 %.482.4, 27
  %spec.select.4 = or i1 %.484.4, %.500.4
  %.507.4 = zext i1 %spec.select.4 to i64
  %.508.4 = add nsw i64 %.508.3, %.507.4
  %.522.4 = icmp eq i8 %.482.4, 13
  %.525.4 = zext i1 %.522.4 to i64
  %.526.4 = add nsw i64 %.526.3, %.525.4
  %.481.5 = getelementptr i8, ptr %.481, i64 5
  %.482.5 = load i8, ptr %.481.5, align 1
  %.484.5 = icmp eq i8 %.482.5, 0
  %.500.5 = icmp eq i8 %.482.5, 27
  %spec.select.5 = or i1 %.484.5, %.500.5
  %.507.5 = zext i1 %spec.select.5 to i64
  %.508.5 = add nsw i64 %.508.4, %.507.5
  %.522.5 = icmp eq i8 %.482.5, 13
  %.525.5 = zext i1 %.522.5 to i64
  %.526.5 = add nsw i64 %.526.4, %.525.5
  %.481.6 = getelementptr i8, ptr %.481, i64 6
  %.482.6 = load i8, ptr %.481.6, align 1
  %.484.6 = icmp eq i8 %.482.6, 0
  %.500.6 = icmp eq i8 %.482.6, 27
  %spec.select.6 = or i1 %.484.6, %.500.6
  %.507.6 = zext i1 %spec.select.6 to i64
  %.508.6 = add nsw i64 %.508.5, %.507.6
  %.522.6 = icmp eq i8 %.482.6, 13
  %.525.6 = zext i1 %.522.6 to i64
  %.526.6 = add nsw i64 %.526.5, %.525.6
  %.481.7 = getelementptr i8, ptr %.481, i64 7
  %.482.7 = load i8, ptr %.481.7, align 1
  %.484.7 = icmp eq i8 %.482.7, 0
  %.500.7 = icmp eq i8 %.482.7, 27
  %spec.select.7 = or i1 %.484.7, %.500.7
  %.507.7 = zext i1 %spec.select.7 to i64
  %.508.7 = add nsw i64 %.508.6, %.507.7
  %.522.7 = icmp eq i8 %.482.7, 13
  %.525.7 = zext i1 %.522.7 to i64
  %.526.7 = add nsw i64 %.526.6, %.525.7
  br label %B646

B650.endif:                                       ; preds = %B650.endif, %B650.preheader
  %count.3.2 = phi i64 [ %.620, %B650.endif ], [ %count.4.0317, %B650.preheader ]
  %hits.2.2 = phi i64 [ %.629, %B650.endif ], [ %.318, %B650.preheader ]
  %1 = add i64 %hits.2.2, 144115188075855871
  %2 = and i64 %hits.2.2, %const
  %.581 = xor i64 %2, %const
  %.583 = and i64 %.581, %1
  %.585 = mul i64 %.583, %const
  %.587 = lshr i64 %.585, 56
  %.612 = add nuw nsw i64 %.587, %.573
  %3 = trunc i64 %.612 to i32
  %.616 = add i32 %3, -1
  %4 = shl i64 %count.3.2, 2
  %scevgep = getelementptr i8, ptr %arg.feeds, i64 %4
  store i32 %.616, ptr %scevgep, align 4
  %.620 = add i64 %count.3.2, 1
  %.627 = add i64 %hits.2.2, -1
  %.629 = and i64 %.627, %hits.2.2
  %.632.not = icmp eq i64 %.629, 0
  br i1 %.632.not, label %B772, label %B650.endif

common.ret:                                       ; preds = %B1008, %B1008.1, %B1008.2, %B1008.3, %B1008.4, %B1008.5, %B988.6, %B820.6, %B774.else.if
  %seen.4.0.lcssa = phi i64 [ %seen.3.0.lcssa, %B774.else.if ], [ %.882, %B1008 ], [ %.882.1, %B1008.1 ], [ %.882.2, %B1008.2 ], [ %.882.3, %B1008.3 ], [ %.882.4, %B1008.4 ], [ %.882.5, %B1008.5 ], [ %.882.6, %B988.6 ], [ %.882.6, %B820.6 ]
  %count.6.0.lcssa = phi i64 [ %count.4.0.lcssa, %B774.else.if ], [ %count.7.1, %B1008 ], [ %count.7.1.1, %B1008.1 ], [ %count.7.1.2, %B1008.2 ], [ %count.7.1.3, %B1008.3 ], [ %count.7.1.4, %B1008.4 ], [ %count.7.1.5, %B1008.5 ], [ %.960.6, %B988.6 ], [ %count.7.1.5, %B820.6 ]
  %signs.7.0.lcssa = phi i64 [ %signs.4.0.lcssa, %B774.else.if ], [ %.921, %B1008 ], [ %.921.1, %B1008.1 ], [ %.921.2, %B1008.2 ], [ %.921.3, %B1008.3 ], [ %.921.4, %B1008.4 ], [ %.921.5, %B1008.5 ], [ %.921.6, %B988.6 ], [ %.921.6, %B820.6 ]
  %returns.7.0.lcssa = phi i64 [ %returns.4.0.lcssa, %B774.else.if ], [ %.938, %B1008 ], [ %.938.1, %B1008.1 ], [ %.938.2, %B1008.2 ], [ %.938.3, %B1008.3 ], [ %.938.4, %B1008.4 ], [ %.938.5, %B1008.5 ], [ %.938.6, %B988.6 ], [ %.938.6, %B820.6 ]
  store i64 %count.6.0.lcssa, ptr %arg.found, align 8
  %.1005 = and i64 %seen.4.0.lcssa, %const4
  %.1012 = icmp ne i64 %.1005, 0
  %.15.i = zext i1 %.1012 to i64
  %.1040 = getelementptr i8, ptr %arg.found, i64 8
  store i64 %signs.7.0.lcssa, ptr %.1040, align 8
  %.1046 = getelementptr i8, ptr %arg.found, i64 16
  store i64 %returns.7.0.lcssa, ptr %.1046, align 8
  %.1051 = getelementptr i8, ptr %arg.found, i64 24
  store i64 %.15.i, ptr %.1051, align 8
  store ptr null, ptr %retptr, align 8
  ret i32 0

B774.else.if:                                     ; preds = %B772, %B0.else.if
  %seen.3.0.lcssa = phi i64 [ 0, %B0.else.if ], [ %.272, %B772 ]
  %count.4.0.lcssa = phi i64 [ 0, %B0.else.if ], [ %count.5.1, %B772 ]
  %signs.4.0.lcssa = phi i64 [ 0, %B0.else.if ], [ %signs.5.1, %B772 ]
  %returns.4.0.lcssa = phi i64 [ 0, %B0.else.if ], [ %returns.5.1, %B772 ]
  %.792 = and i64 %arg.size, 7
  %.835330.not = icmp eq i64 %.792, 0
  br i1 %.835330.not, label %common.ret, label %B820.preheader

B820.preheader:                                   ; preds = %B774.else.if
  %.752 = and i64 %arg.size, -8
  %.848 = or disjoint i64 %.752, 1
  %.878 = getelementptr i8, ptr %arg.text, i64 %.752
  %.879 = load i8, ptr %.878, align 1
  %.880 = zext i8 %.879 to i64
  %.882 = or i64 %seen.3.0.lcssa, %.880
  %.893 = icmp eq i8 %.879, 0
  %.909 = icmp eq i8 %.879, 27
  %spec.select284 = or i1 %.893, %.909
  %.920 = zext i1 %spec.select284 to i64
  %.921 = add nsw i64 %signs.4.0.lcssa, %.920
  %.934 = icmp eq i8 %.879, 13
  %.937 = zext i1 %.934 to i64
  %.938 = add nsw i64 %returns.4.0.lcssa, %.937
  %.949 = icmp eq i8 %.879, 10
  br i1 %.949, label %B988, label %B1008
}










attributes #0 = { nofree norecurse nosync nounwind memory(argmem: readwrite) }
attributes #1 = { noinline }

!0 = !{!"branch_weights", i32 49, i32 1}
